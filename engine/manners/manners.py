"""Watches how it is on this computer, judges by the owner's rules, and tells when the judgement changes."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from engine.api.manners_schema import MannersStatus, Preview
from engine.daemon_thread import in_daemon_thread
from engine.duties import set_or_due
from engine.manners.conditions import Conditions
from engine.manners.day import RecordedDay
from engine.manners.judge import State, Verdict, judge
from engine.manners.observer import local_now
from engine.manners.preview import preview
from engine.manners.rules import HowMuchRules, WhenRules

LOOK_SECONDS = 1.0  # between two looks
PATIENCE = 3.0  # seconds for one look; then nothing is known

log = logging.getLogger("potluck.manners")


class Look(Protocol):
    """May block; called in a thread, by one at a time."""

    def look(self, rules: WhenRules) -> Conditions: ...

    def programs(self) -> tuple[str, ...]: ...

    def close(self) -> None: ...


class Manners:
    """`on_verdict` is called with the first verdict, and with each that differs from the one before."""

    def __init__(
        self, observer: Look, day: RecordedDay, rules: WhenRules, on_verdict: Callable[[Verdict], None]
    ) -> None:
        self._observer = observer
        self._day = day
        self._rules = rules
        self._on_verdict = on_verdict
        self._looking: asyncio.Future[Conditions] | None = None
        self._last: Conditions | None = None
        self._state = State()
        self._hurry = asyncio.Event()
        self._is_blind = False  # and it was said
        self.verdict: Verdict | None = None  # None: nobody has looked yet

    def use(self, rules: WhenRules) -> None:
        """From the next look on, which comes at once; what other rules objected to is forgotten."""
        if rules != self._rules:
            self._rules, self._state = rules, State()
            self._hurry.set()

    async def run(self) -> None:
        """For as long as this runs, look and judge."""
        try:
            while True:
                self._hurry.clear()
                self._judge(await self._conditions())
                await set_or_due(self._hurry, LOOK_SECONDS)
        finally:
            self._observer.close()

    def _judge(self, now: Conditions) -> None:
        verdict = judge(self._rules, now, self._state)
        self._state, self._last = verdict.state, now
        self._day.note(time.time(), now, self._rules.apps)
        before, self.verdict = self.verdict, verdict
        if before is None or before.objections != verdict.objections:
            _tell(verdict)
            self._on_verdict(verdict)

    async def _conditions(self) -> Conditions:
        """A system that hangs tells nothing, and is not asked again before it has answered."""
        rules = self._rules
        if self._looking is None:
            self._looking = in_daemon_thread(lambda: self._observer.look(rules), "manners")
        done, _ = await asyncio.wait([self._looking], timeout=PATIENCE)
        if not done:
            return self._nothing_known("it does not answer")
        looked, self._looking = self._looking, None
        try:
            seen = looked.result()
        except Exception as error:  # whatever a system answers, the engine goes on
            return self._nothing_known(repr(error))
        self._is_blind = False
        return seen

    def _nothing_known(self, why: str) -> Conditions:
        if not self._is_blind:
            log.warning("It cannot be seen how it is on this computer: %s", why)
        self._is_blind = True
        return Conditions(time.monotonic(), local_now())

    async def preview(self, rules: WhenRules) -> Preview:
        """With these rules, the last 24 hours would have been like this."""
        return await asyncio.to_thread(preview, rules, self._day.samples(rules.apps))

    async def status(self, how_much: HowMuchRules) -> MannersStatus:
        verdict = self.verdict or Verdict()
        return MannersStatus(
            when=self._rules,
            how_much=how_much,
            allowed=self.verdict is not None and verdict.allowed,
            condition=verdict.condition,
            not_told=verdict.not_told,
            programs=await asyncio.to_thread(self._observer.programs),
            traffic_bytes=(self._last.traffic_bytes if self._last else None) or 0,
        )


def _tell(verdict: Verdict) -> None:
    log.info("%s", verdict.condition.sentence if verdict.condition else "Nothing speaks against giving")
