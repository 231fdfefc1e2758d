import asyncio
import threading

import pytest

from engine.daemon_thread import in_daemon_thread


async def test_the_thread_gives_its_result_or_its_failure():
    def fail() -> None:
        raise ValueError("no")

    assert await in_daemon_thread(lambda: threading.current_thread().daemon, "t") is True
    with pytest.raises(ValueError, match="no"):
        await in_daemon_thread(fail, "t")


async def test_a_result_that_nobody_waits_for_is_dropped():
    go_on = threading.Event()
    waiting = in_daemon_thread(go_on.wait, "t")
    waiting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0.05)
