"""What belonging to a private swarm changes, and what it leaves as it was asked for."""

from pathlib import Path

import pytest

from engine.membership.key import SwarmKey
from engine.membership.swarm_file import Membership
from engine.membership.taking_effect import as_member
from engine.settings import ALL_INTERFACES, LOOPBACK, Paths, Settings, SwarmSettings
from tests.membership.peers import ADDRESS, OTHER_ADDRESS

KEY = SwarmKey.generate()
PATHS = Paths(Path("data"), Path("cache"), Path("logs"))


def settings(peers: tuple[str, ...] = (), listen: tuple[str, ...] = ()) -> Settings:
    return Settings(paths=PATHS, swarm=SwarmSettings(peers, listen))


def membership(*peers: str) -> Membership:
    return Membership(name="Sunday soup", key=KEY, peers=peers)


@pytest.mark.parametrize(
    ("asked", "joined", "peers", "listen", "alone"),
    [
        (settings(), None, (), LOOPBACK, True),
        (settings((ADDRESS,)), None, (ADDRESS,), ALL_INTERFACES, False),
        (settings(), membership(), (), ALL_INTERFACES, False),
        (settings(), membership(ADDRESS), (ADDRESS,), ALL_INTERFACES, False),
        (settings((ADDRESS,)), membership(OTHER_ADDRESS, ADDRESS), None, ALL_INTERFACES, False),
        (settings((), (LOOPBACK,)), membership(), (), LOOPBACK, False),
    ],
)
def test_a_member_can_be_reached_unless_told_otherwise(asked, joined, peers, listen, alone) -> None:
    swarm = as_member(asked, joined).swarm
    assert swarm.initial_peers == (peers if peers is not None else (ADDRESS, OTHER_ADDRESS))
    assert (swarm.listen, swarm.private) == ((listen,), alone)


def test_the_rest_stays_and_nothing_shows_the_key() -> None:
    asked = settings()
    changed = as_member(asked, membership())
    assert (changed.host, changed.api, changed.paths) == (asked.host, asked.api, asked.paths)
    assert changed.swarm.member is not None
    assert changed.swarm.member.key == KEY.secret
    assert repr(KEY.secret) not in repr(changed)


def test_a_computer_has_another_identity_in_each_swarm() -> None:
    other = SwarmKey.generate()
    files = {PATHS.donor_identity(), *(PATHS.donor_identity(key.tag) for key in (KEY, other))}
    files |= {PATHS.member_identity(key.tag) for key in (KEY, other)}
    assert len(files) == 5
