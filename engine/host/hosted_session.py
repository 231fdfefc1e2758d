"""A session as the host sees it."""

from dataclasses import dataclass, field

from engine.host.kv_cache import SessionCache
from engine.host.schedule import Layers


@dataclass
class HostedSession:
    """`layers` is the part of the span that it runs."""

    key: int
    layers: Layers
    peer: str = ""  # whose session it is
    cache: SessionCache = field(default_factory=SessionCache)
    evicted: bool = False  # its cache was given to others while it was idle
