"""The event loop of processes whose streams everybody's tokens wait for."""

import asyncio
import sys


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, which goes from sockets and threads to coroutines in less time; there is none for Windows."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
