"""What a person sees and does, from the first window to Quit, and when the engine dies in between."""

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from engine.api.client import EngineClient
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.settings import Paths
from engine.weights.starter import STARTER_NAME
from tests.end_to_end.app import TRAY_ICON, App, all_of
from tests.end_to_end.screen import demand_tools
from tests.end_to_end.waiting import until

pytestmark = [
    pytest.mark.starter,
    pytest.mark.window,
    pytest.mark.skipif(sys.platform != "linux", reason="drives the window through an X server"),
]

QUESTION = "What is the capital of France?"
SECOND_QUESTION = "And what is it famous for? Answer in a few words."
QUESTION_IN_A_PAUSE = "Name one kind of soup."
UNSENT = "something not yet sent"
LONG_QUESTION = "Describe a market in a small town. Take your time."
A_FEW_WORDS = 20  # characters
NOT_GIVING = "Not giving yet"
READY = f"Ready: layers 1–30 of 30 of {STARTER_NAME}"


def start_giving(app: App) -> None:
    app.click("start")
    app.sees("sentence", READY)
    app.sees("span", "All 30 layers")


def answers(app: App) -> list[str]:
    return app.texts("ProseView")


def some_of_an_answer(app: App) -> str:
    """What is on the screen of the answer under way, once it is more than a few words."""
    return until(
        lambda: next((text for text in app.texts("StreamTail") if len(text) > A_FEW_WORDS), ""),
        "No answer is under way",
    )


def complete_answers(app: App, count: int) -> list[str]:
    """Once that many are on the screen and none is under way."""

    def find() -> list[str] | None:
        shown = answers(app)
        return shown if len(shown) == count and app.texts("send") == ["Send"] else None

    return until(find, f"There are not {count} answers")


def asked_of_engine(paths: Paths, *turns: str) -> str:
    """What the engine itself answers to the same turns, question and answer by turns."""
    messages = tuple(
        ChatMessage(role="assistant" if at % 2 else "user", content=turn) for at, turn in enumerate(turns)
    )

    async def ask() -> str:
        async with EngineClient.from_run_file(paths.run_file) as client:
            chunks = client.chat(ChatRequest(model=STARTER_NAME, messages=messages))
            return "".join([choice.delta.content or "" async for chunk in chunks for choice in chunk.choices])

    return asyncio.run(ask())


def block_servers(paths: Paths) -> list[psutil.Process]:
    return [each for each in all_of(paths.data.parent) if "engine.host" in each.cmdline()]


def quits(app: App) -> None:
    """It has been told to: it ends well, with all that it started, and has nothing to complain of."""
    assert app.process.wait(60) == 0
    until(lambda: not all_of(app.paths.data.parent), "Something of Potluck still runs")
    assert app.errors.read_text() == ""


def rows(paths: Paths, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(paths.data / "conversations.sqlite")) as db:
        return db.execute(query).fetchall()


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_missing_tool_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="openbox, trayer, xdotool, xvfb"):
        demand_tools()


def test_from_the_first_window_to_quit(app: App, paths: Paths) -> None:
    app.see("window")
    app.sees("sentence", "Starting")
    app.picture("1-starting")
    app.sees("sentence", NOT_GIVING)
    app.picture("2-not-giving")
    assert not block_servers(paths)
    start_giving(app)
    app.picture("3-ready")

    app.click("navChat")
    app.says("modelPicker", STARTER_NAME)  # where it could not answer, what is missing would follow
    app.say(QUESTION)
    [first] = complete_answers(app, 1)
    assert "Paris" in first
    assert words(first) == words(asked_of_engine(paths, QUESTION))
    app.say(SECOND_QUESTION)
    both = complete_answers(app, 2)
    assert both[0] == first
    app.picture("4-answered")

    assert len(block_servers(paths)) == 1
    app.click(TRAY_ICON, button=3)
    app.see("trayQuit")
    app.picture("5-tray-menu")
    app.click("Pause")
    app.click("pauseUntilResumed")
    app.sees("navigationStatus", "Paused until you resume")
    until(lambda: not block_servers(paths), "The block server still runs")
    app.click("newConversation")
    app.say(QUESTION_IN_A_PAUSE)
    app.sees("answerNotice", f"{STARTER_NAME} cannot answer now: nobody serves layers 1–30 of 30")
    app.sees("question", QUESTION_IN_A_PAUSE)
    app.see("retry")
    app.picture("6-asked-while-paused")

    app.choose_in_tray("trayStart")
    app.sees("navigationStatus", READY)
    app.click("retry")
    [third] = complete_answers(app, 1)
    app.picture("7-retried")

    app.write(UNSENT)
    app.choose_in_tray("trayQuit")
    quits(app)
    kept = rows(paths, "SELECT role, content, state FROM message ORDER BY id")
    assert [words(content) for role, content, state in kept if role == "user"] == [
        QUESTION,
        SECOND_QUESTION,
        QUESTION_IN_A_PAUSE,
    ]
    done = [words(content) for role, content, state in kept if (role, state) == ("assistant", "done")]
    assert done == [words(answer) for answer in (*both, third)]
    assert rows(paths, "SELECT title FROM conversation ORDER BY id") == [(QUESTION,), (QUESTION_IN_A_PAUSE,)]
    assert rows(paths, "SELECT content FROM draft WHERE content != ''") == [(UNSENT,)]


def test_an_engine_killed_in_mid_answer_comes_back(app: App, paths: Paths) -> None:
    app.sees("sentence", NOT_GIVING)
    start_giving(app)
    app.click("navChat")
    app.says("modelPicker", STARTER_NAME)  # where it could not answer, what is missing would follow
    app.say(LONG_QUESTION)
    arrived = some_of_an_answer(app)
    app.picture("8-streaming")
    killed = app.engine
    assert killed
    os.kill(killed.pid, signal.SIGKILL)
    app.sees("answerNotice", "The connection to Potluck's engine was lost.")
    app.picture("9-engine-killed")
    assert words("\n".join(answers(app))).startswith(words(arrived))
    [(broken,)] = rows(paths, "SELECT content FROM message WHERE state = 'broken'")
    assert broken.startswith(arrived)

    until(lambda: app.engine and app.engine.pid != killed.pid, "No other engine has been started")
    app.sees("navigationStatus", READY)
    assert not psutil.pid_exists(killed.pid)
    app.click("retry")
    assert some_of_an_answer(app).startswith(arrived[:A_FEW_WORDS])
    app.click("send")
    app.sees("answerNotice", "You stopped this answer.")
    app.picture("10-stopped")
    app.screen.press("ctrl+q")
    quits(app)
