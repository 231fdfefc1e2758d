"""A soak that is stopped early does not go on beside its end."""

import asyncio
import threading

import pytest

from engine.soak import soak as soak_module
from engine.soak.settings import SoakSettings


async def test_who_stops_while_the_local_model_answers_waits_for_one_conversation(monkeypatch) -> None:
    begun, go_on, asked = threading.Event(), threading.Event(), []

    def answer(shell: object, whole: object, turns: object) -> None:
        asked.append(turns)
        begun.set()
        go_on.wait(timeout=30)

    for loader in ("load_shell", "load_whole"):
        monkeypatch.setattr(soak_module, loader, lambda *_: None)
    monkeypatch.setattr(soak_module, "expected_answers", answer)
    answering = asyncio.create_task(soak_module._expected(SoakSettings(1, 0, 3, 1), None, None))
    await asyncio.to_thread(begun.wait, 20)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    go_on.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(asked) == 1
