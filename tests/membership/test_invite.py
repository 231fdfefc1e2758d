"""Invite links: what goes in comes out, and every mistake has its sentence."""

import base64
import hashlib

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.errors import BadInvite
from engine.membership.invite import MAX_LINK_LENGTH, MAX_PEERS, PREFIX, Invite, parse_invite
from engine.membership.key import SwarmKey
from tests.membership.peers import ADDRESS, OTHER_ADDRESS, peer_addresses

KEY = SwarmKey(bytes(range(32)))
LINK = Invite(name="Sunday soup", key=KEY, peers=(ADDRESS, OTHER_ADDRESS)).to_link()

names = st.text(
    st.characters(categories=("L", "M", "N", "P", "S", "Zs"), exclude_characters="\u2028\u2029"),
    min_size=1,
    max_size=60,
)


def link_of(contents: object, version: int = 1) -> str:
    """A link whose checksum is right, whatever it holds."""
    checked = bytes([version]) + msgpack.packb(contents)
    data = checked + hashlib.sha256(checked).digest()[:4]
    return PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")


@given(names, st.binary(min_size=32, max_size=32), st.lists(peer_addresses(), max_size=MAX_PEERS))
def test_what_goes_in_comes_out(name: str, secret: bytes, peers: list[str]) -> None:
    invite = Invite(name=name, key=SwarmKey(secret), peers=tuple(peers))
    link = invite.to_link()
    assert len(link) <= MAX_LINK_LENGTH
    assert parse_invite(link) == invite
    assert parse_invite(f"  {link[:20]}\n{link[20:]}\r\n") == invite


@given(st.integers(len(PREFIX), len(LINK) - 1), st.sampled_from("abcXYZ019-_"))
def test_no_character_can_be_mistyped(position: int, typed: str) -> None:
    altered = LINK[:position] + typed + LINK[position + 1 :]
    if altered != LINK:
        with pytest.raises(BadInvite, match="has a mistake in it"):
            parse_invite(altered)


@given(st.integers(len(PREFIX), len(LINK) - 1))
def test_no_part_of_it_is_enough(length: int) -> None:
    with pytest.raises(BadInvite, match=r"cut off|a mistake in it|characters that none has"):
        parse_invite(LINK[:length])


@given(st.one_of(st.text(max_size=200), st.text(max_size=200).map(lambda text: PREFIX + text)))
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInvite, match=r"^(This is no|The) invite link.*\.$"):
        parse_invite(text)


@given(st.recursive(st.none() | st.integers() | st.binary() | st.text(), st.lists, max_leaves=8))
def test_any_other_contents_are_refused_with_a_sentence(contents: object) -> None:
    try:
        link = link_of(contents)
    except (OverflowError, ValueError):  # MessagePack has no word for it
        return
    if len(link) <= MAX_LINK_LENGTH:
        with pytest.raises(BadInvite, match="nothing that Potluck understands"):
            parse_invite(link)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("", "This is no invite link: one begins with potluck://join/."),
        ("https://example.org/join", "This is no invite link"),
        (PREFIX, "characters that none has"),
        (LINK + "=", "characters that none has"),
        (LINK + "A" * MAX_LINK_LENGTH, "too long: one has at most 4096 characters"),
        (LINK[:-5], "cut off|a mistake"),
        (link_of(["soup", KEY.secret, []], version=2), "of another version of Potluck"),
        (link_of(["soup", KEY.secret]), "nothing that Potluck understands"),
        (link_of(["soup", KEY.secret[:-1], []]), "nothing that Potluck understands"),
        (link_of(["soup", "k" * 32, []]), "nothing that Potluck understands"),
        (link_of(["", KEY.secret, []]), "nothing that Potluck understands"),
        (link_of(["s" * 61, KEY.secret, []]), "nothing that Potluck understands"),
        (link_of(["so\nup", KEY.secret, []]), "nothing that Potluck understands"),
        (link_of(["soup", KEY.secret, [ADDRESS] * (MAX_PEERS + 1)]), "nothing that Potluck understands"),
        (link_of(["soup", KEY.secret, ["/ip4/192.0.2.7/tcp/1"]]), "nothing that Potluck understands"),
        (link_of(["soup", KEY.secret, [7]]), "nothing that Potluck understands"),
        (link_of(["soup", KEY.secret, [], "more"]), "nothing that Potluck understands"),
    ],
)
def test_each_mistake_has_its_sentence(link: str, sentence: str) -> None:
    with pytest.raises(BadInvite, match=sentence) as caught:
        parse_invite(link)
    assert KEY.to_text()[:10] not in str(caught.value)
    assert not link or link not in str(caught.value)


def test_a_refused_invite_does_not_repeat_its_key() -> None:
    with pytest.raises(ValidationError) as caught:
        Invite(name="soup", key=KEY, peers=("nowhere",))
    assert KEY.secret.hex() not in repr(caught.value)
    assert KEY.to_text() not in str(caught.value)
    assert KEY.to_text() not in repr(Invite(name="soup", key=KEY, peers=()))
