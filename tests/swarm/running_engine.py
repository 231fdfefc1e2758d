"""The real engine as a process, steered through its API and asked by the official client."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import openai

from engine.api.client import EngineClient
from engine.api.run_file import RunFile, read_run_file
from engine.api.schema import Reason, Snapshot
from engine.errors import NotRunning
from engine.settings import Paths
from engine.weights.starter import STARTER_NAME

QUESTION = [{"role": "user", "content": "Describe a market in a small town. Take your time."}]
READY = (Reason.READY, Reason.SERVING)


class RunningEngine:
    def __init__(
        self, process: asyncio.subprocess.Process, client: EngineClient, key: str, port: int
    ) -> None:
        self.process = process
        self.client = client
        self.openai = openai.AsyncOpenAI(
            api_key=key, base_url=f"http://127.0.0.1:{port}/v1", max_retries=0, timeout=120
        )

    async def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        async with asyncio.timeout(120):
            async for snapshot in self.client.snapshots():
                if wanted(snapshot):
                    return snapshot
        raise AssertionError("the event stream ended")

    async def until_ready(self) -> Snapshot:
        return await self.until(
            lambda s: s.condition.reason in READY and bool(s.models) and s.models[0].complete
        )

    async def stream(self, max_tokens: int, seen: list[str]) -> None:
        answer = await self.openai.chat.completions.create(
            model=STARTER_NAME, messages=QUESTION, max_tokens=max_tokens, temperature=0, stream=True
        )
        async with answer:
            async for chunk in answer:
                seen.append(chunk.choices[0].delta.content or "")

    async def ask(self, messages: list[dict[str, str]], max_tokens: int) -> openai.types.chat.ChatCompletion:
        return await self.openai.chat.completions.create(
            model=STARTER_NAME, messages=messages, max_tokens=max_tokens, temperature=0
        )


async def door_of(process: asyncio.subprocess.Process, paths: Paths) -> RunFile:
    """This process's run file; one that a killed engine left does not count."""
    while process.returncode is None:
        with suppress(NotRunning):
            run = read_run_file(paths.run_file)
            if run.pid == process.pid:
                return run
        await asyncio.sleep(0.05)
    raise AssertionError("the engine ended before it opened its door")


@asynccontextmanager
async def running_engine(paths: Paths, *options: str) -> AsyncIterator[RunningEngine]:
    """`options` of `run`; by default it gives."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "engine.cli", "run", *(options or ("--donate",))),
        env={**os.environ, "POTLUCK_HOME": str(paths.data.parent)},
    )
    try:
        run = await door_of(process, paths)
        client = EngineClient.from_run_file(paths.run_file)
        engine = RunningEngine(process, client, run.key, run.port)
        try:
            yield engine
        finally:
            await engine.openai.close()
            await client.close()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
