"""Sessions that begin with what another one holds, at the same servers: nothing is sent for it."""

import asyncio
import logging
from collections.abc import Sequence

from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.route.chain import Chain
from engine.route.hop import Dialler, Hop
from engine.route.repair import Route, close

log = logging.getLogger("potluck.route")


async def fork_hops(route: Route, dialler: Dialler, model: str, position: int) -> list[Hop] | None:
    """Of all hops of a route that nobody else uses meanwhile; None where one of them cannot be had."""
    if not 0 < position <= route.inputs.length:
        return None
    for hop in route.chain.hops:
        await route.chain.hear(hop, route.inputs.length)
    if not is_sound(route.chain):
        return None
    forks = [asyncio.ensure_future(hop.fork(dialler, model, position)) for hop in route.chain.hops]
    try:
        results = await asyncio.gather(*forks, return_exceptions=True)
    except asyncio.CancelledError:
        close([fork.result() for fork in forks if fork.done() and not _has_failed(fork)])
        raise
    return _all_of(results)


def is_sound(chain: Chain) -> bool:
    """Whether all servers are there to stay, can fork, and hold just what they have told."""
    are_fit = all(
        hop.planned.server.forks and not (hop.failure or hop.is_leaving or hop.is_doubtful)
        for hop in chain.hops
    )
    return are_fit and all(link.is_settled for link in chain.links)


def _all_of(results: Sequence[Hop | BaseException]) -> list[Hop] | None:
    hops = [result for result in results if isinstance(result, Hop)]
    if len(hops) == len(results):
        return hops
    close(hops)
    for result in results:
        if isinstance(result, PeerRefused | PeerUnreachable | ProtocolViolation):
            log.info("no fork: %s", result)
        elif isinstance(result, BaseException):
            raise result
    return None


def _has_failed(fork: "asyncio.Future[Hop]") -> bool:
    return fork.cancelled() or fork.exception() is not None
