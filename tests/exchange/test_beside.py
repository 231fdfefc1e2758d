"""Threads that are waited for, also by who is told to stop."""

import asyncio
import threading

import pytest

from engine.beside import beside


async def test_results_and_errors_come_back() -> None:
    assert await beside(int, "7") == 7
    assert await beside(sorted, [1, 2], reverse=True) == [2, 1]
    with pytest.raises(ValueError, match="seven"):
        await beside(int, "seven")


@pytest.mark.parametrize("fails", [False, True])
async def test_who_is_cancelled_leaves_when_the_thread_is_done(fails: bool) -> None:
    started, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        assert go_on.wait(5)
        ended.set()
        if fails:
            raise OSError("nobody is told")

    task = asyncio.create_task(beside(work))
    await asyncio.to_thread(started.wait, 5)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
