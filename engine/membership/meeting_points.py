"""Which of this computer's addresses an invite link names: pure."""

from collections.abc import Sequence
from itertools import chain, zip_longest

from engine.membership.addresses import is_peer_address
from engine.membership.invite import MAX_PEERS
from engine.settings import is_loopback


def meeting_points(*nodes: Sequence[str]) -> tuple[str, ...]:
    """Of each node in turn, so that the link holds some of all. Loopback only where there is nothing else."""
    known = [[address for address in node if _leads_here(address)] for node in nodes]
    outward = [[address for address in node if not is_loopback(address)] for node in known]
    in_turn = chain.from_iterable(zip_longest(*(outward if any(outward) else known)))
    return tuple(dict.fromkeys(address for address in in_turn if address))[:MAX_PEERS]


def _leads_here(address: str) -> bool:
    """Also from another computer: unlike addresses that hold for one cable only."""
    return is_peer_address(address) and not address.startswith("/ip6/fe80:")
