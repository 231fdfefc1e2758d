"""The file with this computer's private swarm."""

import json
import stat
from pathlib import Path

import pytest

from engine.errors import MembershipUnreadable, MembershipUnwritable
from engine.membership.key import SwarmKey
from engine.membership.swarm_file import (
    MAX_FILE_BYTES,
    Membership,
    forget_membership,
    load_membership,
    save_membership,
)
from tests.membership.peers import ADDRESS


@pytest.fixture
def membership() -> Membership:
    return Membership(name="Sunday soup", key=SwarmKey.generate(), peers=(ADDRESS,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "swarm.json"


def test_it_comes_back_and_is_the_owners_alone(path: Path, membership: Membership) -> None:
    assert load_membership(path) is None
    save_membership(path, membership)
    assert load_membership(path) == membership
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["swarm.json"]
    forget_membership(path)
    forget_membership(path)
    assert load_membership(path) is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"key": "c2hvcnQ="},
        {"key": None},
        {"name": ""},
        {"peers": ["/ip4/192.0.2.7/tcp/1"]},
        {"peers": [ADDRESS] * 9},
        {"more": 1},
    ],
)
def test_a_damaged_file_says_what_to_do_and_keeps_its_secret(
    path: Path, membership: Membership, change: dict[str, object]
) -> None:
    save_membership(path, membership)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(MembershipUnreadable, match=r"damaged.*`potluck-engine swarm leave`") as caught:
        load_membership(path)
    assert membership.key.to_text() not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("contents", [b"", b"{", b"\xff\xfe", b"[]", b" " * (2 * MAX_FILE_BYTES)])
def test_any_other_contents_do_not_crash(path: Path, contents: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(contents)
    with pytest.raises(MembershipUnreadable, match="damaged"):
        load_membership(path)


def test_a_file_that_cannot_be_opened_is_said(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(MembershipUnreadable, match="Is a directory"):
        load_membership(path)


def test_its_text_shows_no_key(membership: Membership) -> None:
    assert membership.key.to_text() not in repr(membership)
    assert repr(membership.key.secret) not in repr(membership)


def test_what_cannot_be_written_or_removed_is_said(tmp_path: Path) -> None:
    """A file where a folder belongs refuses everybody, the superuser too."""
    (tmp_path / "data").write_text("")
    path = tmp_path / "data" / "swarm.json"
    with pytest.raises(MembershipUnwritable, match="nothing has changed"):
        save_membership(path, Membership(name="us", key=SwarmKey.generate()))
    with pytest.raises(MembershipUnwritable, match="nothing has changed"):
        forget_membership(path)
