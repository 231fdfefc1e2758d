"""What a server announces that it could do, and how busy it is."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedModel

from engine.host.batcher import throughput_of
from engine.host.budget import BLOCK_TOKENS
from engine.host.throughput import BUSY_SECONDS, SHOWN_SECONDS, BusyShare, Throughput, usual_rows
from engine.planning.memory import rows_of
from engine.planning.models import ModelShape
from tests.in_memory_swarm import Client, MemorySwarm
from tests.tiny_models import CONTEXT, some_states

SINGLE, ROW = 0.04, 0.01  # seconds of a forward of one row, and of each further row

SECONDS = st.floats(1e-6, 10)
FORWARDS = st.lists(st.tuples(st.integers(1, 64), SECONDS), max_size=30)


def worked(throughput: Throughput, rows: int, forwards: int, row: float = ROW) -> Throughput:
    for _ in range(forwards):
        throughput.note(rows, SINGLE + (rows - 1) * row)
    return throughput


def full(rows: int, row: float = ROW) -> float:
    return rows / (SINGLE + (rows - 1) * row)


def test_without_an_estimate_nobody_is_promised_more_than_one_session_gets() -> None:
    assert Throughput(16, SINGLE).tokens_per_s == pytest.approx(1 / SINGLE)


def test_nothing_at_all_is_known_at_first() -> None:
    assert Throughput(16, step_seconds=0.0).tokens_per_s == 0


def test_an_estimate_is_announced_until_there_is_work() -> None:
    assert Throughput(16, SINGLE, estimate=200.0).tokens_per_s == pytest.approx(200)


def test_nobody_is_promised_less_time_than_one_row_takes() -> None:
    assert Throughput(16, SINGLE, estimate=1e6).tokens_per_s == pytest.approx(16 / SINGLE)


@pytest.mark.parametrize("estimate", [0.0, 30.0, 390.0])
def test_work_takes_the_place_of_the_estimate(estimate: float) -> None:
    throughput = worked(Throughput(16, SINGLE, estimate), rows=8, forwards=2000)
    assert throughput.tokens_per_s == pytest.approx(full(16), rel=0.05)


def test_the_estimate_counts_the_less_the_more_was_done() -> None:
    throughput, off = Throughput(16, SINGLE, estimate=300.0), []
    for _ in range(5):
        off.append(abs(worked(throughput, rows=16, forwards=10).tokens_per_s - full(16)))
    assert off == sorted(off, reverse=True)
    assert off[-1] < off[0] / 2


def test_sessions_that_came_one_at_a_time_say_nothing_of_many_together() -> None:
    throughput = worked(Throughput(16, SINGLE, estimate=200.0), rows=1, forwards=1000)
    assert throughput.tokens_per_s == pytest.approx(200)


def test_a_device_that_has_become_slower_is_announced_as_slower() -> None:
    throughput = Throughput(16, SINGLE, estimate=200.0)
    for _ in range(100):
        throughput.note(1, 5 * SINGLE)
    assert throughput.tokens_per_s < 120


def test_a_change_shows_after_some_minutes_of_work() -> None:
    throughput = worked(Throughput(16, SINGLE), rows=16, forwards=5000)
    worked(throughput, rows=16, forwards=1000, row=3 * ROW)
    assert throughput.tokens_per_s == pytest.approx(full(16, 3 * ROW), rel=0.05)


def test_where_sessions_share_no_forwards_one_row_is_all() -> None:
    throughput = worked(Throughput(1, SINGLE, estimate=999.0), rows=1, forwards=10)
    assert throughput.tokens_per_s == pytest.approx(1 / SINGLE)


def test_work_is_shown_once_there_is_enough() -> None:
    throughput = Throughput(16, SINGLE, estimate=200.0)
    throughput.note(8, SHOWN_SECONDS * 0.9)
    assert throughput.shown_tokens_per_s == 0
    throughput.note(8, SHOWN_SECONDS * 0.2)
    assert throughput.shown_tokens_per_s == throughput.tokens_per_s > 0


@given(st.integers(1, 2048), SECONDS, st.floats(0, 1e9), FORWARDS)
def test_whatever_work_comes_the_rate_lies_between_one_row_s_and_that_of_rows_for_nothing(
    full_rows: int, single: float, estimate: float, forwards: list[tuple[int, float]]
) -> None:
    throughput = Throughput(full_rows, single, estimate)
    for rows, seconds in forwards:
        throughput.note(rows, seconds)
    fastest = min([single, *(seconds for _, seconds in forwards)])
    assert 0 < throughput.tokens_per_s <= full_rows / fastest * (1 + 1e-9)


@given(st.integers(0, 10**6), st.integers(1, 200_000))
def test_as_many_sessions_are_meant_as_the_plan_means(cache_tokens: int, context: int) -> None:
    shape = ModelShape("ab" * 32, "model", "bfloat16", layers=(), hidden_size=64, context=context)
    planned = rows_of(shape, cache_tokens)
    assert abs(usual_rows(cache_tokens, context) - planned) <= (1 if context >= 2 * BLOCK_TOKENS else 7)


# --- how busy


def test_the_share_is_that_of_the_last_minute() -> None:
    busy = BusyShare()
    for second in range(int(2 * BUSY_SECONDS) + 1):
        busy.note(max(0.0, second - BUSY_SECONDS) / 2, float(second))
    assert busy.value == pytest.approx(0.5)


def test_before_a_minute_has_passed_the_share_is_that_of_the_time_since_the_start() -> None:
    busy = BusyShare()
    assert busy.value == 0
    for second in range(5):
        busy.note(second / 4, float(second))
    assert busy.value == pytest.approx(0.25)


def test_a_computer_that_slept_is_told_of_by_what_it_did_since() -> None:
    busy = BusyShare()
    for busy_seconds, now in [(0.0, 0.0), (0.0, 1000.0), (1.0, 1001.0)]:
        busy.note(busy_seconds, now)
    assert busy.value == pytest.approx(1.0)


@given(st.lists(st.tuples(st.floats(-1e3, 1e6), st.floats(0, 1e6)), max_size=50))
def test_a_share_is_always_one(noted: list[tuple[float, float]]) -> None:
    busy = BusyShare()
    for busy_seconds, now in noted:
        busy.note(busy_seconds, now)
    assert 0 <= busy.value <= 1


# --- a batcher's


async def test_steps_that_share_forwards_show_what_many_get(
    model: PreTrainedModel, swarm: MemorySwarm
) -> None:
    server = swarm.add(model)
    throughput = server.batcher.throughput = throughput_of(server.runner, CONTEXT, estimate=0.0)
    alone = throughput.tokens_per_s

    async def session(number: int) -> None:
        client = await Client.dial(swarm, server)
        await client.open()
        await client.step(some_states(4, seed=number), 0)
        for position in range(4, 24):
            await client.step(some_states(1, seed=position), position)

    await asyncio.gather(*(session(number) for number in range(8)))
    assert max(server.runner.rows) > 1
    assert throughput.tokens_per_s > alone
    assert server.batcher.busy_seconds > 0
