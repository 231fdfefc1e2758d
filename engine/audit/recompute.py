"""Another opinion on what a server computed: an ordinary session with others, who are not told why."""

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from itertools import chain
from typing import Protocol

import torch

from engine.audit.auditor import Result
from engine.audit.record import Case
from engine.audit.tolerance import taking_part
from engine.audit.verdict import Opinion
from engine.errors import SwarmError
from engine.peers.book import PeerBook
from engine.precision import per_layer
from engine.route.hop import Dialler
from engine.route.opening import SwarmModel
from engine.route.plan import plan_chain
from engine.route.session import SwarmSession
from engine.route.settings import SessionSettings
from engine.wire.records import SpanRecord

log = logging.getLogger("potluck.audit")


class Spans(Protocol):
    """The part of the swarm's directory that audits need."""

    async def spans(self, model: str) -> Sequence[SpanRecord]: ...


class SwarmRecompute:
    """Computes a case again: on this computer's own servers if they have the layers, else on others'."""

    def __init__(
        self,
        dialler: Dialler,
        directory: Spans,
        book: PeerBook,
        settings: SessionSettings | None = None,
        trusted: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._dialler = dialler
        self._directory = directory
        self._book = book
        self._settings = replace(settings or SessionSettings(), opening_wait_seconds=0.0)
        self._trusted = trusted

    async def __call__(
        self, model: SwarmModel, case: Case, without: frozenset[str]
    ) -> Opinion[Result] | None:
        records = await self._directory.spans(model.digest)
        own = [record for record in records if record.peer in self._trusted()]
        others = [
            record
            for record in records
            if record.peer not in without and not self._book.is_avoided(record.peer)
        ]
        for servers in (own, others):
            if plan_chain(servers, case.hop.start, case.hop.end) is not None:
                return await self._on(servers, model, case, trusted=servers is own)
        return None

    async def _on(
        self, servers: Sequence[SpanRecord], model: SwarmModel, case: Case, trusted: bool
    ) -> Opinion[Result] | None:
        part = replace(model, first=case.hop.start, n_layers=case.hop.end)
        settings = replace(self._settings, ends=case.ends)  # as in any session: nobody is told why
        session = SwarmSession(self._dialler, _always(servers), part, settings, self._book)
        try:
            rows = await _walk(session, case)
            hops = session.report()
            changed_hands = session.replayed_spans or session.handed_over_spans
        except SwarmError as error:
            log.info("an audit found nobody to compute layers %d:%d: %s", case.hop.start, case.hop.end, error)
            return None
        finally:
            session.close()
        if changed_hands:
            return None  # nobody can say who computed what
        native = {record.peer: record.precision for record in servers}
        precisions = [taking_part(native[hop.peer], per_layer(hop.precisions)) for hop in hops]
        result = Result(rows.numpy(), tuple(chain.from_iterable(precisions)))
        return Opinion(frozenset(hop.peer for hop in hops), result, trusted)


async def _walk(session: SwarmSession, case: Case) -> torch.Tensor:
    """Outputs at positions [since, end)."""
    steps = [
        await session.step(chunk.hidden.unpacked().float(), chunk.position, chunk.extras)
        for chunk in case.took
    ]
    return torch.cat(steps)[case.since :]


def _always(records: Sequence[SpanRecord]) -> Callable[[], Awaitable[Sequence[SpanRecord]]]:
    async def look_up() -> Sequence[SpanRecord]:
        return records

    return look_up
