"""Places of a swarm: in each a block server process behind a line of its own, and what can happen to it."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping

from engine.emulation.lane import Conditions
from engine.emulation.line import Line
from engine.errors import PotluckError
from engine.host.orders import Order
from engine.private_swarm import PrivateSwarm, ServerProcess
from engine.soak.coverage import Coverage
from engine.soak.plan import Event, Kind, Span
from engine.soak.processes import Family, family_of
from engine.soak.tally import Kill, Tally

log = logging.getLogger("potluck.soak")

NOTICES_SECONDS = 15.0  # that a server has to notice that its network process is gone, and end
LEAVES_SECONDS = 60.0  # that a server has to hand its sessions over, or let them end
STARTS_SECONDS = 60.0
ATTEMPTS = 3  # to start: its line may be out of order, or the computer busy
CACHE_BYTES = 128 << 20


class Place:
    """Servers follow each other in it; each is a new peer."""

    def __init__(
        self,
        slot: int,
        span: Span,
        line: Line,
        way: str,
        swarm: PrivateSwarm,
        coverage: Coverage,
        tally: Tally,
    ) -> None:
        """`way` is the client's address, with its peer id, through the line."""
        self._slot = slot
        self._span = span
        self._line = line
        self._way = way
        self._swarm = swarm
        self._coverage = coverage
        self._tally = tally
        self._server: ServerProcess | None = None
        self._is_expected_to_end = False
        self._watch: asyncio.Task[None] | None = None
        self.families: list[Family] = []  # of all servers that were ever here
        self._acts: Mapping[Kind, Callable[[Event], Awaitable[None]]] = {
            Kind.KILL: self._kill,
            Kind.KILL_NETWORK: self._kill_network,
            Kind.STOP: self._stop,
            Kind.LEAVE: self._leave,
            Kind.HANG: self._hang,
            Kind.LAG: self._lag,
            Kind.SILENCE: self._silence,
            Kind.REFUSE: self._refuse,
            Kind.CUT: self._cut,
        }

    @property
    def server(self) -> ServerProcess:
        assert self._server is not None
        return self._server

    async def fill(self) -> None:
        """Until a server is online here. Raises BlockServerFailed after some attempts."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with asyncio.timeout(STARTS_SECONDS):
                    await self._start()
            except (PotluckError, TimeoutError) as error:
                log.warning("place %d: a server did not start: %s", self._slot, error)
                await self.server.stop()
                if attempt == ATTEMPTS:
                    raise
            else:
                return

    async def _start(self) -> None:
        self._server = await self._swarm.add(
            *self._span,
            threads=1,
            initial_peers=(self._way,),
            listen=(self._line.listen,),
            announce=(self._line.announce,),
            cache_bytes=CACHE_BYTES,
        )
        await self._server.online()
        self.families.append(family_of(self._server.pid))
        self._is_expected_to_end = False
        self._watch = asyncio.create_task(self._notice_end(self._server))
        self._note(is_up=True)

    async def _notice_end(self, server: ServerProcess) -> None:
        status = await server.ended()
        if not self._is_expected_to_end:
            self._note(is_up=False)
            words = " / ".join(server.last_words)
            self._tally.crashes.append(f"place {self._slot}: a server ended by itself with {status}: {words}")

    async def perform(self, event: Event) -> None:
        """Until the event is over, and the place as it was before."""
        log.info("place %d: %s for %.1f s", self._slot, event.kind, event.lasts)
        self._tally.events[event.kind.value] += 1
        await self._acts[event.kind](event)

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})

    # --- what happens

    async def _kill(self, event: Event) -> None:
        self._goes(violently=True)
        await self.server.kill()
        await self._replace(event)

    async def _kill_network(self, event: Event) -> None:
        self._goes(violently=True)
        os.kill(self.families[-1].network.pid, signal.SIGKILL)
        await self._has_ended_within(NOTICES_SECONDS, "did not notice that its network process was gone")
        await self._replace(event)

    async def _stop(self, event: Event) -> None:
        self._goes(violently=True)
        await self.server.stop()
        await self._replace(event)

    async def _leave(self, event: Event) -> None:
        self._goes(violently=False)
        self.server.order(Order(order="drain"))
        await self._has_ended_within(LEAVES_SECONDS, "was told to leave and did not end")
        await self._replace(event)

    async def _hang(self, event: Event) -> None:
        self._note(is_up=False)
        pid = self.server.pid
        os.killpg(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(event.lasts)
        finally:
            os.killpg(pid, signal.SIGCONT)
            self._note(is_up=True)

    async def _lag(self, event: Event) -> None:
        slow = Conditions(event.delay_seconds, event.delay_seconds / 4, event.bytes_per_s)
        await self._line_is(slow, event.lasts)

    async def _silence(self, event: Event) -> None:
        self._note(is_up=False)
        await self._line_is(Conditions(hangs=True), event.lasts)
        self._note(is_up=True)

    async def _refuse(self, event: Event) -> None:
        self._note(is_up=False)
        self._line.cut()
        await self._line_is(Conditions(refuses=True), event.lasts)
        self._note(is_up=True)

    async def _cut(self, event: Event) -> None:
        self._line.cut()

    async def _line_is(self, conditions: Conditions, seconds: float) -> None:
        self._line.conditions = conditions
        try:
            await asyncio.sleep(seconds)
        finally:
            self._line.conditions = Conditions()

    # --- notes

    def _goes(self, violently: bool) -> None:
        self._is_expected_to_end = True
        if violently:
            self._tally.kills.append(Kill(time.monotonic(), self._slot))
        self._note(is_up=False)

    async def _has_ended_within(self, seconds: float, fault: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.server.ended()
        except TimeoutError:
            self._tally.crashes.append(f"place {self._slot}: a server {fault} within {seconds:.0f} s")
            await self.server.stop()

    async def _replace(self, event: Event) -> None:
        await asyncio.sleep(event.lasts)
        await self.fill()

    def _note(self, is_up: bool) -> None:
        self._coverage.note(time.monotonic(), self._slot, is_up)
