"""`python -m tests.desktop.measure` prints what the desktop costs: start, memory, stalls, rest.

A fake engine streams a long answer with code and tables into a conversation that is long already.
"""

import asyncio
import gc
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ANSWER_CHARACTERS = 60_000
PIECES_PER_SECOND = 200
EARLIER_TURNS = 30
REST_SECONDS = 20.0


def main() -> None:
    environment = {**os.environ}
    if not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", "tests.desktop.measure", "child"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    for name, value in json.loads(done.stdout.splitlines()[-1]).items():
        print(f"{name:44} {value}")


def child() -> None:
    from PySide6.QtWidgets import QApplication

    began = psutil.Process().create_time()
    import qasync

    from desktop.main import build
    from engine.settings import Paths
    from tests.desktop.fake_engine import FakeEngine

    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    gc.freeze()  # as the app does
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(app) as loop:
        root, engine = Path(folder), FakeEngine()
        desktop_of = lambda: build(app, Paths(root, root, root), find=lambda: engine)  # noqa: E731
        print(json.dumps(loop.run_until_complete(measure(desktop_of, engine, began))))


async def measure(desktop_of, engine, began: float) -> dict[str, str]:
    desktop = desktop_of()
    running = asyncio.create_task(desktop.run())
    drawn = await first_paint(desktop.window) - began
    figures = {"start to drawn window": f"{drawn:.2f} s"}
    await asyncio.sleep(1)
    figures["memory after start"] = memory()
    figures["processor at rest"] = await rest()
    figures |= await rest_in_tray(desktop, engine)
    figures["conversation of 500 messages drawn"] = await open_long(desktop)
    figures |= await stream(desktop, engine)
    figures["memory after the chat"] = memory()
    await read_back(desktop)
    figures["memory after reading it from its start"] = memory()
    desktop.quit()
    await running
    return figures


async def first_paint(window) -> float:
    """The time when the window has painted itself."""
    from PySide6.QtCore import QEvent, QObject

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not painted.done():
                painted.set_result(time.time())
            return False

    painted: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    watch = Watch()
    window.installEventFilter(watch)
    return await painted


async def rest() -> str:
    """Processor time while nothing happens, as a share of one core."""
    before, since = time.process_time(), time.perf_counter()
    await asyncio.sleep(REST_SECONDS)
    return f"{100 * (time.process_time() - before) / (time.perf_counter() - since):.2f} % of a core"


async def rest_in_tray(desktop, engine) -> dict[str, str]:
    """While the engine says nothing, and while it tells every second how it serves."""
    desktop.window.hide()
    quiet = await rest()
    serving = asyncio.create_task(tell_every_second(engine))
    told = await rest()
    serving.cancel()
    desktop.open()
    return {"processor in the tray": quiet, "processor in the tray while serving": told}


async def tell_every_second(engine) -> None:
    for count in itertools.count():
        (server,) = engine.snapshot.servers
        more = server.model_copy(update={"sessions": count % 3, "tokens_per_s": 40.0 + count % 7})
        engine.become(engine.snapshot.model_copy(update={"servers": (more,)}))
        await asyncio.sleep(1)


async def open_long(desktop) -> str:
    """The shortest of three: what other processes do beside it does not count."""
    from PySide6.QtWidgets import QApplication

    from desktop.chat.records import MessageState
    from tests.desktop.sample_answer import ANSWER

    conversation, answer = desktop.store.create("Long"), None
    for number in range(250):
        question = desktop.store.add_question(conversation, answer, f"Question {number}?")
        answer = desktop.store.begin_answer(question, "tiny-chat")
        desktop.store.end_answer(answer, ANSWER, MessageState.DONE)
    desktop.window.open_page(desktop.chat)
    times = []
    for _ in range(3):
        desktop.chat.open(None)
        await asyncio.sleep(0.2)
        since = time.perf_counter()
        desktop.chat.open(conversation)
        QApplication.processEvents()  # views are shown and laid out
        desktop.window.repaint()
        times.append(time.perf_counter() - since)
    desktop.chat.open(None)
    return f"{min(times):.2f} s"


async def stream(desktop, engine) -> dict[str, str]:
    from tests.desktop.stalls import StallRecorder

    desktop.window.open_page(desktop.chat)
    await converse_before(desktop, engine)
    engine.pieces, engine.pause = pieces(), 1 / PIECES_PER_SECOND
    stalls, since = StallRecorder(), time.perf_counter()
    stalls.start()
    desktop.chat.composer.sent.emit("Tell me everything.")
    while desktop.conductor.reply_in(desktop.chat.conversation):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    stalls.stop()
    return {
        "answer": f"{ANSWER_CHARACTERS} characters in {time.perf_counter() - since:.1f} s",
        "longest stall while it streamed": f"{1000 * stalls.longest():.0f} ms",
        "most work at a stretch while it streamed": f"{1000 * max(stalls.work):.0f} ms",
        "beats that waited over 25 ms": f"{100 * stalls.share_above(0.03):.2f} %",
    }


async def read_back(desktop) -> None:
    """Up to the first question of the chat and down again, a page at a time."""
    messages = desktop.chat.messages
    bar = messages.verticalScrollBar()
    for step, end in ((-1, lambda: bar.value() == 0), (1, lambda: bar.value() == bar.maximum())):
        still = 0
        while still < 10:  # more may come where the bar seems to end
            bar.setValue(bar.value() + step * messages.viewport().height())
            await asyncio.sleep(0.02)
            still = still + 1 if end() else 0


async def converse_before(desktop, engine) -> None:
    from tests.desktop.sample_answer import ANSWER

    engine.pieces, engine.pause = (ANSWER,), 0
    for _ in range(EARLIER_TURNS):
        desktop.chat.composer.sent.emit("And?")
        while desktop.conductor.reply_in(desktop.chat.conversation):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def pieces() -> Iterator[str]:
    """An answer in pieces of a few characters, as tokens come."""
    from tests.desktop.sample_answer import ANSWER

    text = (ANSWER * (ANSWER_CHARACTERS // len(ANSWER) + 1))[:ANSWER_CHARACTERS]
    size = 12
    for at in range(0, len(text), size):
        yield text[at : at + size]


def memory() -> str:
    return f"{psutil.Process().memory_info().rss / 1e6:.0f} MB"


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
