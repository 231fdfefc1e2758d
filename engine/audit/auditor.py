"""Audits of the servers that sessions use: beside the answers, one at a time, within a budget."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.audit.checks import Span, StepChecks
from engine.audit.record import Case, HopRecord, Served
from engine.audit.schedule import Schedule, Work
from engine.audit.tolerance import Rows, agrees, bounds_of, difference, taking_part
from engine.audit.verdict import Opinion, Outcome, Verdict, judge
from engine.route.history import History
from engine.route.opening import SwarmModel

log = logging.getLogger("potluck.audit")

ODD_TOKENS = 2  # make an audit urgent; a single one can be chance, also in the audit
URGENT_AT_MOST = 8  # hops that wait for an audit because of something odd


@dataclass(frozen=True)
class Result:
    """What came out, from the case's `since` on, and the precisions that are said to have taken part."""

    rows: Rows
    precisions: tuple[str, ...]


class Recompute(Protocol):
    async def __call__(
        self, model: SwarmModel, case: Case, without: frozenset[str]
    ) -> Opinion[Result] | None:
        """Another opinion, from none of the peers in `without`. None if nobody else can be had."""
        ...


class Verdicts(Protocol):
    """The part of the book on peers that audits write."""

    def note_audit(self, peer: str, honest: bool) -> None: ...

    def note_dispute(self, peer: str) -> None: ...


@dataclass
class Tally:
    """How many audits came to which end."""

    agreed: int = 0
    lies: int = 0
    unsettled: int = 0

    def note(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.AGREED:
                self.agreed += 1
            case Outcome.SOMEBODY_LIED:
                self.lies += 1
            case Outcome.OPEN | Outcome.UNSETTLED:
                self.unsettled += 1


class Auditor:
    """Watches all sessions of this computer. For one event loop."""

    def __init__(
        self,
        recompute: Recompute,
        book: Verdicts,
        schedule: Schedule,
        trusted: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """`trusted` peers, this computer's own servers, are never audited."""
        self.schedule = schedule
        self.checks = StepChecks()
        self.tally = Tally()
        self._recompute = recompute
        self._book = book
        self._trusted = trusted
        self._sessions: set[SessionAudits] = set()
        self._urgent: dict[tuple[SessionAudits, Served], None] = {}  # in order
        self._running: tuple[SessionAudits, asyncio.Task[None]] | None = None

    def watch(self, model: SwarmModel, on_liar: Callable[[str], None]) -> "SessionAudits":
        """What a session tells its steps to; `on_liar` is called with every peer that is caught lying."""
        session = SessionAudits(self, model, on_liar)
        self._sessions.add(session)
        return session

    def close(self) -> None:
        for session in list(self._sessions):
            session.close()

    async def idle(self) -> None:
        """Returns when no audit is under way."""
        while self._running is not None:
            await asyncio.wait({self._running[1]})
            await asyncio.sleep(0)  # its end may begin another one

    # --- for a session's watcher

    def watches(self, peer: str) -> bool:
        return self.schedule.settings.share > 0 and peer not in self._trusted()

    def hurry(self, session: "SessionAudits", hop: Served) -> None:
        if len(self._urgent) < URGENT_AT_MOST:
            self._urgent[session, hop] = None

    def forget(self, session: "SessionAudits") -> None:
        self._sessions.discard(session)
        for key in [key for key in self._urgent if key[0] is session]:
            del self._urgent[key]
        if self._running is not None and self._running[0] is session:
            self._running[1].cancel()

    def consider(self, session: "SessionAudits") -> None:
        """Begin the next audit if none is under way and one is due."""
        if self._running is None and session in self._sessions:
            self._begin_urgent() or self._begin_earned(session)

    def _begin_urgent(self) -> bool:
        while self._urgent and self.schedule.budget.gives_credit:
            session, hop = next(iter(self._urgent))
            del self._urgent[session, hop]
            record = session.records.get(hop)
            if record is not None and record.is_urgent:
                self._begin(session, record.odd_case())
                record.odd.clear()
                return True
        return False

    def _begin_earned(self, session: "SessionAudits") -> bool:
        records = [record for record in session.records.values() if not record.hop.is_doubtful]
        due = self.schedule.due([_work(record, session.model) for record in records])
        if due is None:
            return False
        index, tokens = due
        record = records[index]
        self.schedule.note_begun()
        self._begin(session, record.case(record.since + tokens))
        return True

    def _begin(self, session: "SessionAudits", case: Case) -> None:
        task = asyncio.create_task(self._audit(session, case))
        self._running = session, task
        task.add_done_callback(lambda task: self._ended(session, task))

    def _ended(self, session: "SessionAudits", task: "asyncio.Task[None]") -> None:
        self._running = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an audit failed", exc_info=error)
        self.consider(session)

    # --- one audit

    async def _audit(self, session: "SessionAudits", case: Case) -> None:
        opinions = [_own_opinion(case)]
        verdict: Verdict | None = None
        while verdict is None or (verdict.outcome is Outcome.OPEN and len(opinions) < 3):
            without = frozenset(peer for opinion in opinions for peer in opinion.peers)
            opinion = await self._recompute(session.model, case, without)
            if opinion is None:
                break
            self.schedule.budget.spent += case.tokens * case.layers
            opinions.append(opinion)
            verdict = await asyncio.to_thread(judge, opinions, lambda a, b: _agree(case, a, b))
        if verdict is None:
            session.give_up(case)
        else:
            self.tally.note(verdict.outcome)
            self._act_on(verdict, session, case)

    def _act_on(self, verdict: Verdict, session: "SessionAudits", case: Case) -> None:
        for peer in verdict.honest:
            self.schedule.note_passed(peer)
            self._book.note_audit(peer, honest=True)
        if case.peer in verdict.honest:
            self._confirm(session.model, case)
        for peer in verdict.doubted:
            log.info("layers %d:%d: nobody can say whether %s is right", case.hop.start, case.hop.end, peer)
            self._book.note_dispute(peer)
        for peer in verdict.liars:
            log.warning("layers %d:%d: %s returned wrong results", case.hop.start, case.hop.end, peer)
            self._book.note_audit(peer, honest=False)
            self.checks.sizes.forget(peer)
            for every in list(self._sessions):
                every.drop(peer)
        if verdict.outcome is Outcome.SOMEBODY_LIED and case.peer in verdict.doubted:
            session.drop(case.peer)  # or who left it its cache: in this session, it has to be built anew

    def _confirm(self, model: SwarmModel, case: Case) -> None:
        span = Span(model.digest, case.hop.start, case.hop.end)
        self.checks.confirm(span, case.took_rows, case.gave)


class SessionAudits:
    """One session, as its audits see it."""

    def __init__(self, auditor: Auditor, model: SwarmModel, on_liar: Callable[[str], None]) -> None:
        self.model = model
        self.records: dict[Served, HopRecord] = {}
        self._auditor = auditor
        self._on_liar = on_liar
        self._left_out: set[Served] = set()  # caught, or nobody else has their layers

    def saw(self, inputs: History, hops: Sequence[Served]) -> None:
        """A step has come back. What these hops, one after another, made of `inputs` stands in their outputs.

        Takes microseconds; audits happen beside the session.
        """
        took = (inputs, *(hop.outputs for hop in hops[:-1]))
        self.records = {
            hop: self._record(hop, given)
            for hop, given in zip(hops, took, strict=True)
            if self._auditor.watches(hop.planned.server.peer) and hop not in self._left_out
        }
        for record in self.records.values():
            self._look_at(record)
        self._auditor.consider(self)

    def _record(self, hop: Served, took: History) -> HopRecord:
        known = self.records.get(hop)
        return known if known is not None and known.took is took else HopRecord(hop, took, hop.forked_at)

    def _look_at(self, record: HopRecord) -> None:
        if (news := record.news()) is None:
            return
        position, took, gave = news
        self._auditor.schedule.budget.work += len(gave) * record.layers
        span = Span(self.model.digest, record.hop.planned.start, record.hop.planned.end)
        if self._auditor.checks.oddity(span, record.peer, position, took, gave) is not None:
            record.odd.extend(range(position, position + len(gave)))
        if len(record.odd) >= ODD_TOKENS:
            self._auditor.hurry(self, record.hop)

    def give_up(self, case: Case) -> None:
        """Nobody else can compute these layers."""
        self._leave_out(lambda record: record.hop.planned == case.hop)

    def drop(self, liar: str) -> None:
        self._leave_out(lambda record: record.peer == liar)
        self._on_liar(liar)

    def _leave_out(self, which: Callable[[HopRecord], bool]) -> None:
        for hop in [hop for hop, record in self.records.items() if which(record)]:
            self._left_out.add(hop)
            del self.records[hop]

    def close(self) -> None:
        self._auditor.forget(self)
        self.records.clear()


def _work(record: HopRecord, model: SwarmModel) -> Work:
    return Work(
        record.peer,
        record.layers,
        max(record.tokens - record.since, 0),
        record.since,
        is_whole=not model.causal,
    )


def _own_opinion(case: Case) -> Opinion[Result]:
    precisions = taking_part(case.hop.server.precision, case.hop.precisions)
    return Opinion(case.peers, Result(case.gave, precisions))


def _agree(case: Case, a: Result, b: Result) -> bool:
    bounds = bounds_of((*a.precisions, *b.precisions), case.layers, case.ends.gives)
    return agrees(difference(case.took_rows, a.rows, b.rows), bounds)
