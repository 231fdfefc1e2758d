"""A swarm's key: what is derived from it, and that nothing shows it by accident."""

import hmac

import pytest

from engine.membership.key import KEY_BYTES, Purpose, SwarmKey


def test_each_purpose_and_each_key_gives_other_bytes() -> None:
    keys = [SwarmKey.generate(), SwarmKey.generate()]
    derived = {key.derived(purpose) for key in keys for purpose in Purpose}
    assert len(derived) == 2 * len(Purpose)
    assert {len(data) for data in derived} == {KEY_BYTES}
    assert derived.isdisjoint(key.secret for key in keys)


def test_what_is_derived_stays_the_same_over_versions() -> None:
    """Members with another version of Potluck would find nobody. RFC 5869, written out."""
    secret = bytes(range(32))
    extracted = hmac.digest(bytes(32), secret, "sha256")
    for purpose, label in (
        (Purpose.CALLS, b"potluck.calls.1"),
        (Purpose.STREAMS, b"potluck.streams.1"),
        (Purpose.TAG, b"potluck.tag.1"),
    ):
        expected = hmac.digest(extracted, label + b"\x01", "sha256")
        assert SwarmKey(secret).derived(purpose) == expected
    assert SwarmKey(secret).tag == expected[:8].hex()


def test_the_tag_is_the_same_for_the_same_key_alone() -> None:
    key = SwarmKey.generate()
    assert SwarmKey(key.secret).tag == key.tag != SwarmKey.generate().tag
    assert len(key.tag) == 16


def test_text_brings_the_same_key_back() -> None:
    key = SwarmKey.generate()
    assert SwarmKey.from_text(key.to_text()) == key
    assert hash(SwarmKey.from_text(key.to_text())) == hash(key)


@pytest.mark.parametrize("text", ["", "short", "é" * 44, "A" * 44 + "!", None, 7, b"\0" * 32])
def test_what_is_no_key_is_refused_and_not_repeated(text: object) -> None:
    with pytest.raises(ValueError, match="a swarm's key is") as caught:
        SwarmKey.from_text(text)
    assert not text or str(text) not in str(caught.value)


def test_nothing_shows_it() -> None:
    key = SwarmKey.generate()
    for shown in (repr(key), str(key), f"{key}", f"{[key]}"):
        assert key.secret.hex() not in shown
        assert key.to_text() not in shown
        assert repr(key.secret) not in shown
