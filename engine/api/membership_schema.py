"""Words about the private swarm that this computer belongs to. A link and a key never stand in a report.

GET  /potluck/v1/swarm/invite               -> Invitation
POST /potluck/v1/swarm/create  CreateOrder  -> Snapshot
POST /potluck/v1/swarm/join    JoinOrder    -> Snapshot
POST /potluck/v1/swarm/leave   LeaveOrder   -> Snapshot
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from engine.api.base import Schema


class CreateOrder(Schema):
    """`forget`: also where that means to forget the key of another swarm."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    forget: bool = False


class JoinOrder(Schema):
    link: Annotated[str, Field(min_length=1, max_length=8192, repr=False)]
    forget: bool = False


class LeaveOrder(Schema):
    """Forgets the swarm's key: only an invite link leads back."""


class Invitation(Schema):
    """Whoever has the link is in."""

    name: str
    link: str = Field(repr=False)
    peers: tuple[str, ...]
    only_here: bool  # it leads to addresses of this computer alone
