"""What a membership changes in the engine's settings: pure."""

import dataclasses

from engine.membership.key import SwarmKey
from engine.membership.swarm_file import Membership
from engine.settings import Settings, SwarmMember, SwarmSettings


def as_member(asked: Settings, membership: Membership | None) -> Settings:
    """What was asked for, in the private swarm where there is one; peers that were named are asked, too."""
    if membership is None:
        return asked
    peers = tuple(dict.fromkeys((*asked.swarm.initial_peers, *membership.peers)))
    key = membership.key
    member = SwarmMember(membership.name, key.tag, key.secret)
    swarm = dataclasses.replace(asked.swarm, initial_peers=peers, member=member)
    return dataclasses.replace(asked, swarm=swarm)


def key_of(swarm: SwarmSettings) -> SwarmKey | None:
    """None: the public swarm."""
    return SwarmKey(swarm.member.key) if swarm.member else None
