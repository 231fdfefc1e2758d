"""A swarm of real processes in which things go wrong all the time, while clients chat and compare."""

import asyncio
import gc
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

from engine.generate.replies import Replies
from engine.generate.shell_models import load_shell
from engine.soak.act import CLIENT, Act
from engine.soak.chatting import Conversation
from engine.soak.places import CACHE_BYTES
from engine.soak.processes import Use, children_left
from engine.soak.references import Turn, expected_answers
from engine.soak.report import Growth, Recovery, SoakReport
from engine.soak.settings import SoakSettings
from engine.soak.stage import Stage, open_stage
from engine.soak.tally import Tally
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.soak")


async def soak(settings: SoakSettings, store: LayerStore, manifest: Manifest) -> SoakReport:
    """Raises BlockServerFailed if a server does not start, however often it is tried."""
    tally = Tally()
    children, tasks = psutil.Process().children(recursive=True), asyncio.all_tasks()
    log.info("starting %d block servers", settings.servers)
    with _complaints_of_the_log(tally):
        async with open_stage(settings, store, manifest, tally) as stage:
            conversations, _ = await asyncio.gather(
                _expected(settings, store, manifest),
                asyncio.gather(*(place.fill() for place in stage.places)),
            )
            measured = await _play(settings, stage, conversations, store, tally)
        await asyncio.sleep(0)  # for tasks that were cancelled last
    left = [*stage.left(), *children_left(children), *_tasks_left(tasks)]
    return SoakReport(
        manifest.name,
        settings.seed,
        settings.minutes,
        settings.servers,
        settings.chats,
        tally,
        _growth(measured, settings.acts[-1] / 60),
        Recovery.of(tally.recoveries(stage.coverage.is_well)),
        left,
    )


async def _expected(settings: SoakSettings, store: LayerStore, manifest: Manifest) -> list[Conversation]:
    log.info("the local model answers every question once")
    stopped = threading.Event()
    try:
        return await asyncio.to_thread(_answer_all, settings.conversations, store, manifest, stopped)
    finally:
        stopped.set()


def _answer_all(
    conversations: Sequence[Sequence[Turn]], store: LayerStore, manifest: Manifest, stopped: threading.Event
) -> list[Conversation]:
    """Fewer if `stopped` meanwhile: the end of this process waits for the thread that this is."""
    shell, whole = load_shell(manifest, store), load_whole(manifest, store)
    return [expected_answers(shell, whole, turns) for turns in conversations if not stopped.is_set()]


async def _play(
    settings: SoakSettings,
    stage: Stage,
    conversations: Sequence[Conversation],
    store: LayerStore,
    tally: Tally,
) -> list[Mapping[str, Use]]:
    """What each process uses after each act."""
    replies = Replies(stage.swarm.node, stage.swarm.directory, store)
    act = Act(settings, stage, replies, conversations, tally)
    return [await act.play(number, seconds) for number, seconds in enumerate(settings.acts)]


def _growth(measured: Sequence[Mapping[str, Use]], minutes: float) -> list[Growth]:
    """Of the processes that are there at the end; one that came later has not grown."""
    early, late = measured[0], measured[-1]
    return [
        Growth(name, early.get(name, use), use, minutes, 0 if name == CLIENT else CACHE_BYTES)
        for name, use in late.items()
    ]


@contextmanager
def _complaints_of_the_log(tally: Tally) -> Iterator[None]:
    """Nothing that goes wrong elsewhere is an error here: what is logged as one is a defect."""
    gc.collect()  # what was left by others complains before, not in between
    handler = _Listener(tally.complaints)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(self.format(record))


def _tasks_left(before: set["asyncio.Task[object]"]) -> list[str]:
    return [f"task {task.get_coro()}" for task in asyncio.all_tasks() - before if not task.done()]
