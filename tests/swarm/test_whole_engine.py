"""The real engine as a process: steered through its API, asked by the official client, and killed."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import httpx
import openai
import psutil
import pytest

from engine.api.schema import DonationOrder, Reason
from engine.errors import NotRunning
from engine.settings import Paths
from tests.swarm.running_engine import QUESTION, running_engine

pytestmark = pytest.mark.starter


@pytest.fixture
def paths(tmp_path: Path, starter_store) -> Paths:
    return home_in(tmp_path, starter_store)


@pytest.fixture
def other_paths(tmp_path: Path, starter_store) -> Paths:
    return home_in(tmp_path / "other", starter_store)


def home_in(folder: Path, starter_store) -> Paths:
    """A home of its own whose layer store is full already."""
    store, _ = starter_store
    paths = Paths(folder / "data", folder / "cache", folder / "logs")
    paths.layer_store.parent.mkdir(parents=True)
    paths.layer_store.symlink_to(store.root)
    return paths


def tree(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


async def some_of(seen: list[str]) -> None:
    """Until a few pieces have come."""
    while len(seen) < 5:  # noqa: ASYNC110 (a plain list is what the reader fills)
        await asyncio.sleep(0.02)


async def gone(processes: list[psutil.Process]) -> bool:
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, 30)
    return not alive


async def test_the_official_client_gets_the_local_models_words(paths, shell, ask, local_answer):
    prompt = ask(QUESTION[0]["content"])
    expected = shell.tokenizer.decode(local_answer(prompt, 40), skip_special_tokens=True)
    async with running_engine(paths) as engine:
        await engine.until_ready()
        first = await engine.ask(QUESTION, 40)
        assert first.choices[0].message.content == expected
        assert (first.usage.prompt_tokens, first.usage.completion_tokens) == (len(prompt), 40)
        seen: list[str] = []
        await engine.stream(40, seen)
        assert "".join(seen) == expected
        more = [*QUESTION, {"role": "assistant", "content": expected}, {"role": "user", "content": "Go on."}]
        second = await engine.ask(more, 5)
        assert second.model_extra["potluck"]["reused_prompt_tokens"] >= len(prompt)


async def test_an_answer_outlives_the_block_server_which_is_started_again(paths, shell, ask, local_answer):
    expected = shell.tokenizer.decode(local_answer(ask(QUESTION[0]["content"]), 40), skip_special_tokens=True)
    async with running_engine(paths) as engine:
        before = (await engine.until_ready()).servers[0].pid
        seen: list[str] = []
        answer = asyncio.create_task(engine.stream(40, seen))
        await some_of(seen)
        os.kill(before, signal.SIGKILL)
        restarting = await engine.until(lambda s: s.condition.reason is Reason.RESTARTING)
        assert "stopped unexpectedly" in restarting.condition.sentence
        await answer
        assert "".join(seen) == expected
        assert (await engine.until_ready()).servers[0].pid != before


async def test_pausing_ends_the_process_and_says_so_to_a_chat(paths):
    async with running_engine(paths) as engine:
        pid = (await engine.until_ready()).servers[0].pid
        servers = [psutil.Process(pid), *tree(pid)]
        await engine.client.donate(DonationOrder(action="pause", for_seconds=3600))
        paused = await engine.until(lambda s: not s.servers)
        assert paused.condition.reason is Reason.PAUSED_UNTIL
        assert await gone(servers)
        with pytest.raises(openai.APIStatusError, match="nobody serves layers 1–30 of 30"):
            await engine.ask(QUESTION, 5)
        await engine.client.donate(DonationOrder(action="start"))
        await engine.until_ready()
        assert (await engine.ask(QUESTION, 5)).usage.completion_tokens == 5


async def test_a_prompt_beyond_the_context_and_an_unknown_model_are_named(paths):
    async with running_engine(paths) as engine:
        await engine.until_ready()
        with pytest.raises(openai.BadRequestError, match="reads at most 8192"):
            await engine.ask([{"role": "user", "content": "soup " * 9000}], 5)
        with pytest.raises(openai.NotFoundError, match="no model called “nothing”"):
            await engine.openai.chat.completions.create(model="nothing", messages=QUESTION)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


async def test_an_engine_that_joins_another_one_answers_with_its_layers(paths, other_paths):
    listen = ("--listen", f"/ip4/127.0.0.1/tcp/{free_port()}")
    async with running_engine(paths, "--donate", *listen, "--layers", "1-30") as giver:
        ready = await giver.until_ready()
        [address] = ready.swarm.addresses
        assert address.startswith(listen[1])
        async with running_engine(other_paths, "--peer", address) as guest:
            seen = await guest.until(lambda s: bool(s.models) and s.models[0].complete)
            assert (seen.swarm.private, seen.swarm.peers >= 1, seen.servers) == (False, True, ())
            assert (await guest.ask(QUESTION, 3)).usage.completion_tokens == 3


async def test_a_killed_engine_leaves_no_process_and_its_reader_what_had_come(paths):
    async with running_engine(paths) as engine:
        await engine.until_ready()
        all_of_it = tree(engine.process.pid)
        seen: list[str] = []
        answer = asyncio.create_task(engine.stream(200, seen))
        await some_of(seen)
        engine.process.kill()
        with pytest.raises((openai.APIError, httpx.HTTPError)):
            await answer
        assert len("".join(seen)) > 0
        assert await gone(all_of_it)
        with pytest.raises(NotRunning):
            await engine.client.status()
    async with running_engine(paths) as again:
        await again.until_ready()
        assert (await again.ask(QUESTION, 3)).usage.completion_tokens == 3
