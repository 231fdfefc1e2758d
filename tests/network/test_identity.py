"""The key file and the peer id are libp2p's own."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.network.identity import Identity, load_or_create, verify

RSA_PEER = "QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN"


def test_a_key_file_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "donor.key"
    first, second = load_or_create(path), load_or_create(path)
    assert first.peer == second.peer
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["donor.key"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x08\x00" + bytes(70), Identity.generate().to_bytes()[:-1]],
    ids=["empty", "zeros", "cut off"],
)
def test_a_broken_key_file_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "donor.key"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=r"donor\.key cannot be read .*: mend it, or delete it"):
        load_or_create(path)
    assert path.read_bytes() == content


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EngineError, match=r"cannot be (written|read)"):
        load_or_create(tmp_path / "file" / "donor.key")


@given(st.binary(max_size=200))
def test_a_signature_is_the_owners_alone(message: bytes) -> None:
    owner, other = Identity.generate(), Identity.generate()
    signature = owner.sign(message)
    assert verify(owner.peer, signature, message)
    assert not verify(other.peer, signature, message)
    assert not verify(owner.peer, signature, message + b".")


@pytest.mark.parametrize(
    "alter", [str.lower, lambda peer: peer + " ", lambda peer: peer[:-1], lambda _: RSA_PEER]
)
def test_only_one_spelling_of_a_peer_id_verifies(alter) -> None:
    owner = Identity.generate()
    assert not verify(alter(owner.peer), owner.sign(b"message"), b"message")


@given(st.text(max_size=80))
def test_text_that_is_no_peer_id_never_verifies(peer: str) -> None:
    assert not verify(peer, bytes(64), b"message")
