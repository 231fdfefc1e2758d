"""One act of a soak: events by their plan while clients chat, then a calm moment for measuring."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from engine.generate.replies import Replies
from engine.route.session import SessionSettings
from engine.soak.chatting import Chat, Conversation
from engine.soak.plan import Event, schedule
from engine.soak.processes import Use, own_use, use_of
from engine.soak.settings import SoakSettings
from engine.soak.stage import Stage
from engine.soak.tally import Tally

log = logging.getLogger("potluck.soak")

SETTLE_SECONDS = 3.0  # between the last answer and the measurement
CLIENT = "client"


class Act:
    def __init__(
        self,
        settings: SoakSettings,
        stage: Stage,
        replies: Replies,
        conversations: Sequence[Conversation],
        tally: Tally,
    ) -> None:
        self._settings = settings
        self._stage = stage
        self._replies = replies
        self._conversations = conversations
        self._tally = tally
        self._busy: set[int] = set()  # slots

    async def play(self, number: int, seconds: float) -> Mapping[str, Use]:
        """What each process uses at its end, when nobody chats and no session is held."""
        seed = self._settings.seed * 1000 + number
        log.info("act %d: %.0f s", number + 1, seconds)
        chats = [self._chat(index, seed) for index in range(self._settings.chats)]
        talking = [asyncio.create_task(chat.run()) for chat in chats]
        n_layers = self._stage.swarm.manifest.n_layers
        try:
            await self._perform(schedule(seed, seconds, self._stage.spans, n_layers), seconds)
            for chat in chats:
                chat.is_going_on = False
            await asyncio.gather(*talking)
        finally:
            await _cancelled(talking)
            self._replies.close()
        log.info("act %d: all have ended; measuring", number + 1)
        await asyncio.sleep(SETTLE_SECONDS)
        return self._measured()

    def _chat(self, index: int, seed: int) -> Chat:
        return Chat(
            index,
            seed,
            self._replies,
            self._conversations,
            self._stage.coverage,
            self._tally,
            SessionSettings(),
        )

    async def _perform(self, events: Sequence[Event], seconds: float) -> None:
        clock = asyncio.get_running_loop().time
        started = clock()
        async with asyncio.TaskGroup() as happening:
            for event in events:
                await asyncio.sleep(started + event.at - clock())
                if event.slot not in self._busy:  # else what happened before took longer than planned
                    happening.create_task(self._happen(event))
            await asyncio.sleep(started + seconds - clock())

    async def _happen(self, event: Event) -> None:
        self._busy.add(event.slot)
        try:
            await self._stage.places[event.slot].perform(event)
        finally:
            self._busy.discard(event.slot)

    def _measured(self) -> Mapping[str, Use]:
        uses = {CLIENT: own_use(self._stage.connections)}
        for place in self._stage.places:
            family = place.families[-1]
            cache = place.server.report.cache_used_bytes
            uses[f"server {family.server.pid}"] = use_of([family.server, family.network], cache)
        return uses


async def _cancelled(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
