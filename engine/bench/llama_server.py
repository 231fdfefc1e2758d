"""llama.cpp's server as a process on loopback, asked in its own words.

Source: llama.cpp's `tools/server/README.md` (GET /health; POST /completion with `stream`).
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.bench.timing import Timing
from engine.emulation.line import LOOPBACK, free_port
from engine.errors import BadRequest
from engine.network.reaper import GuardedProcess
from engine.supervisor.process import LineSplitter

COMMAND = "llama-server"
START_SECONDS, ANSWER_SECONDS = 120.0, 600.0
ASK_AGAIN_SECONDS = 0.1
MOST_BYTES = 1 << 16  # of an answer, for each of its tokens
LAST_EVENT_BYTES = 1 << 20  # it repeats the prompt and all settings
LAST_WORDS = 300  # bytes
EVENT = b"data: "

TokenId = Annotated[int, Field(ge=0, lt=1 << 32)]


@dataclass(frozen=True)
class Llama:
    """What to start. `weights`: how the file keeps them, e.g. “F32”."""

    command: Path
    gguf: Path
    weights: str


class Event(BaseModel):
    """What is used of one event of an answer; the server says more."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)

    tokens: list[TokenId] = Field(max_length=64)
    stop: bool


def find(named: Path | None) -> Path | None:
    """The program that was named, or the one on PATH, if any. Raises BadRequest where the former is none."""
    found = shutil.which(named if named is not None else COMMAND)
    if found is None and named is not None:
        raise BadRequest(f"{named} is no program: name llama.cpp's server with --llama-server.")
    return None if found is None else Path(found).resolve()


class LlamaServer:
    """A running one."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ready(self) -> None:
        """Waits until it has loaded its model."""
        while True:
            if await self._is_ready():
                return
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def _is_ready(self) -> bool:
        try:
            return (await self._http.get("/health")).status_code == httpx.codes.OK
        except httpx.TransportError:  # it does not listen yet
            return False

    async def answer(self, prompt: Sequence[int], tokens: int) -> Timing:
        """A greedy one of so many tokens, read anew from its first token. Raises BadRequest."""
        asked = {
            "prompt": list(prompt),
            "n_predict": tokens,
            "temperature": 0.0,
            "ignore_eos": True,
            "cache_prompt": False,
            "stream": True,
            "return_tokens": True,
        }
        reading = _Reading(tokens)
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream("POST", "/completion", json=asked) as r,
            ):
                if r.status_code != httpx.codes.OK:
                    raise _unusable(f"it answers {r.status_code}")
                async for piece in r.aiter_bytes():
                    reading.feed(piece)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _unusable("it stopped in the middle of an answer") from error
        return reading.timing()


class _Reading:
    """The events of one answer, as they come."""

    def __init__(self, tokens: int) -> None:
        self._lines = LineSplitter(self._take)
        self._asked_at = time.monotonic()
        self._wanted = tokens
        self._bytes_left = LAST_EVENT_BYTES + MOST_BYTES * tokens
        self._tokens: list[int] = []
        self._times: list[float] = []

    def feed(self, piece: bytes) -> None:
        self._bytes_left -= len(piece)
        if self._bytes_left < 0:
            raise _unusable("it says more than was asked for")
        self._lines.feed(piece)

    def _take(self, line: bytes) -> None:
        if not line.startswith(EVENT):
            return
        try:
            event = Event.model_validate_json(line.removeprefix(EVENT))
        except ValidationError as error:
            raise _unusable("it says what its documentation does not") from error
        if not event.stop:  # the last one repeats
            self._tokens += event.tokens
            self._times += [time.monotonic()] * len(event.tokens)

    def timing(self) -> Timing:
        if len(self._tokens) != self._wanted:
            raise _unusable(f"it gave {len(self._tokens)} tokens instead of {self._wanted}")
        return Timing(self._asked_at, tuple(self._tokens), tuple(self._times))


@asynccontextmanager
async def running(llama: Llama, threads: int, slots: int, context: int) -> AsyncIterator[LlamaServer]:
    """One that answers up to `slots` at once, each of up to `context` tokens. Raises BadRequest."""
    port, own = free_port(), Path(mkdtemp(prefix="potluck-llama-"))
    try:
        process = await GuardedProcess.start(_argv(llama, port, threads, slots, context), own, os.environ)
    except OSError as error:
        raise _unusable(str(error)) from error
    hearing = asyncio.create_task(_last_words(process))
    try:
        base = f"http://{LOOPBACK}:{port}"
        async with httpx.AsyncClient(base_url=base, timeout=ANSWER_SECONDS, trust_env=False) as http:
            server = LlamaServer(http)
            await _until_ready(server, hearing)
            yield server
    finally:
        await process.stop()
        await hearing


async def _last_words(process: GuardedProcess) -> str:
    """Reads what it says until it ends."""
    said = b""
    while piece := await process.output.read(1 << 16):
        said = (said + piece)[-LAST_WORDS:]
    return " ".join(said.decode(errors="replace").split())


async def _until_ready(server: LlamaServer, hearing: asyncio.Task[str]) -> None:
    ready = asyncio.create_task(server.ready())
    try:
        await asyncio.wait((ready, hearing), timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            raise _unusable(f"it ended: {hearing.result()}" if hearing.done() else "it does not answer")
        await ready
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)


def _argv(llama: Llama, port: int, threads: int, slots: int, context: int) -> list[str]:
    options = {
        "--model": llama.gguf,
        "--host": LOOPBACK,
        "--port": port,
        "--threads": threads,
        "--threads-batch": threads,
        "--parallel": slots,
        "--ctx-size": slots * context,
        "--n-gpu-layers": 0,
    }
    return [str(llama.command), *(str(word) for option in options.items() for word in option)]


def _unusable(why: str) -> BadRequest:
    return BadRequest(
        f"llama.cpp's server cannot be measured ({why}): name another with --llama-server, or a GGUF file of "
        "the same model with --gguf."
    )
