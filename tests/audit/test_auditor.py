"""Liars are found, honest servers are not accused, and audits cost no more than they may."""

import asyncio
from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from engine.audit.auditor import Auditor, Tally
from engine.audit.checks import Span
from engine.audit.schedule import Schedule
from engine.audit.tolerance import Rows
from engine.settings import AuditSettings
from tests.audit.span_servers import (
    HALVES,
    MODEL,
    Book,
    Lie,
    Servers,
    auditor_of,
    chat,
    chunk_of,
    history_of,
    hop_of,
)
from tests.audit.spans import FAMILIES, lively_model
from tests.tiny_models import HIDDEN, N_LAYERS, some_states


def random_numbers(took: Rows, gave: Rows, asked: int) -> Rows:
    size = np.linalg.norm(gave, axis=1, keepdims=True) / HIDDEN**0.5
    return (np.random.default_rng(asked).standard_normal(gave.shape) * size).astype(np.float32)


def scaled(took: Rows, gave: Rows, asked: int) -> Rows:
    return gave * np.float32(1.02)


def hands_on(took: Rows, gave: Rows, asked: int) -> Rows:
    return took


def stale() -> Lie:
    """Answers with what it should have given before."""
    before: list[Rows] = []

    def lie(took: Rows, gave: Rows, asked: int) -> Rows:
        before.append(gave)
        return np.resize(before[max(asked - 1, 0)], gave.shape)

    return lie


def now_and_then(took: Rows, gave: Rows, asked: int) -> Rows:
    return random_numbers(took, gave, asked) if asked % 5 == 4 else gave


LIARS = {
    "random": dict(lie=random_numbers),
    "scaled by 1.02": dict(lie=scaled),
    "hands on what came": dict(lie=hands_on),
    "other weights": dict(model=lively_model("llama", seed=1)),
    "bfloat16 announced as float32": dict(precision="bfloat16", announced="float32"),
    "float16 announced as float32": dict(precision="float16", announced="float32"),
}


def swarm_with(liar: dict[str, object], honest: int = 2) -> tuple[Servers, str, str]:
    """A liar and honest servers for the first layers, an honest one for the rest."""
    servers = Servers(lively_model("llama"))
    rest = servers.add(HALVES[1])
    lying = servers.add(HALVES[0], **liar)  # type: ignore[arg-type]
    for _ in range(honest):
        servers.add(HALVES[0])
    return servers, lying, rest


@pytest.mark.parametrize("kind", LIARS)
async def test_whoever_always_lies_is_caught_by_the_first_audit(kind: str) -> None:
    for seed in range(3):
        servers, liar, rest = swarm_with(LIARS[kind])
        book = Book()
        auditor = auditor_of(servers, book, seed)
        told: list[str] = []
        while liar not in servers.audited:
            told = await chat(auditor, servers, [liar, rest], seed=seed)
        assert servers.audited.count(liar) == 1
        assert told == book.liars == [liar]
        assert liar not in book.honest
        assert book.disputed == []


@pytest.mark.parametrize("lie", [lambda: now_and_then, stale], ids=["every fifth step", "stale"])
async def test_whoever_lies_in_some_steps_is_caught_within_eight_audits(lie: Callable[[], Lie]) -> None:
    for seed in range(4):
        servers, liar, rest = swarm_with(dict(lie=lie()))
        book = Book()
        auditor = auditor_of(servers, book, seed)
        while liar not in book.liars:
            await chat(auditor, servers, [liar, rest], seed=seed)
            assert servers.audited.count(liar) <= 8
        assert book.liars == [liar]


@pytest.mark.parametrize("family", FAMILIES)
async def test_honest_servers_of_mixed_precisions_are_never_accused(family: str) -> None:
    servers = Servers(lively_model(family))
    chains = [
        [servers.add(HALVES[0], a), servers.add(HALVES[1], b)]
        for a, b in [("float32", "bfloat16"), ("bfloat16", "float32"), ("float16", "float16")]
    ]
    audits = 0
    for seed in range(6):
        book, random = Book(), Random(seed)
        auditor = auditor_of(servers, book, seed, share=2.0)
        for turn in range(3):
            told = await chat(auditor, servers, random.choice(chains), seed=10 * seed + turn)
            assert (told, book.liars, book.disputed) == ([], [], [])
        audits += auditor.tally.agreed
    assert audits >= 6


async def test_what_this_computers_own_server_says_needs_no_third_opinion() -> None:
    servers, liar, rest = swarm_with(LIARS["random"], honest=1)
    servers.own = {list(servers.by_peer)[-1]}
    book = Book()
    auditor = auditor_of(servers, book)
    while not book.liars:
        await chat(auditor, servers, [liar, rest])
    assert book.liars == [liar]


async def test_own_servers_are_never_audited_and_cost_nothing() -> None:
    servers = Servers(lively_model("llama"))
    chain = [servers.add(half) for half in HALVES]
    servers.own = set(chain)
    auditor = auditor_of(servers, Book(), share=5.0)
    await chat(auditor, servers, chain)
    assert servers.audited == []
    assert auditor.schedule.budget.work == 0


async def test_with_nobody_else_to_ask_nobody_is_blamed() -> None:
    servers, liar, rest = swarm_with(LIARS["random"], honest=1)
    book = Book()
    auditor = auditor_of(servers, book)
    while not book.disputed:
        await chat(auditor, servers, [liar, rest])
    honest = list(servers.by_peer)[-1]
    assert book.liars == []
    assert sorted(book.disputed) == sorted([liar, honest])
    assert auditor.tally.unsettled == 1


async def test_two_who_lie_alike_outvote_one_honest_server_while_it_is_audited() -> None:
    """Of three servers, two that conspire decide what is right: nothing here can know better, short of layers
    on this computer."""
    servers = Servers(lively_model("llama"))
    honest, rest = servers.add(HALVES[0]), servers.add(HALVES[1])
    conspirators = [servers.add(HALVES[0], lie=scaled) for _ in range(2)]
    book = Book()
    auditor = auditor_of(servers, book)
    while honest not in servers.audited:
        await chat(auditor, servers, [honest, rest])
    assert book.liars == [honest]
    book.liars.clear()
    servers.own = {servers.add(HALVES[0])}
    while not book.liars:
        await chat(auditor, servers, [conspirators[0], rest])
    assert book.liars == [conspirators[0]]


async def test_a_referee_that_lies_is_caught_by_a_third_server() -> None:
    servers = Servers(lively_model("llama"))
    liar = servers.add(HALVES[0], lie=random_numbers)
    chain = [servers.add(half) for half in HALVES]
    servers.add(HALVES[0])
    book = Book()
    auditor = auditor_of(servers, book)
    while not book.liars:
        await chat(auditor, servers, chain)
    assert book.liars == [liar]


async def test_something_odd_makes_an_audit_happen_at_once() -> None:
    servers, liar, rest = swarm_with(dict(lie=lambda took, gave, asked: gave * 30 if asked > 10 else gave))
    book = Book()
    auditor = auditor_of(servers, book, share=1e-9)  # which earns no audit for a very long time
    true = servers.by_peer[liar].compute(some_states(400).numpy())
    auditor.checks.confirm(Span(MODEL.digest, *HALVES[0]), some_states(400).numpy(), true)
    assert await chat(auditor, servers, [liar, rest]) == [liar]
    assert servers.audited == [liar]


async def test_audits_cost_no_more_than_their_share_and_one() -> None:
    servers = Servers(lively_model("llama"))
    chain = [servers.add(half) for half in HALVES]
    for half in HALVES:
        servers.add(half)
    auditor = auditor_of(servers, Book(), share=0.2)
    for seed in range(12):
        await chat(auditor, servers, chain, seed=seed)
    budget = auditor.schedule.budget
    assert auditor.tally.agreed > 0
    assert 0 < budget.spent <= 0.2 * budget.work


async def test_audits_end_with_their_session() -> None:
    started = asyncio.Event()

    async def forever(*_: object) -> None:
        started.set()
        await asyncio.Event().wait()

    servers = Servers(lively_model("llama"))
    hop = hop_of(servers.by_peer[servers.add(HALVES[0])].record)
    auditor = Auditor(forever, Book(), Schedule(AuditSettings(10), Random(0)))  # type: ignore[arg-type]
    session = auditor.watch(MODEL, lambda _: None)
    inputs = hop.outputs = history_of(some_states(30).numpy())
    session.saw(inputs, [hop])
    await started.wait()
    auditor.close()
    await auditor.idle()
    assert session.records == {}


async def test_only_what_a_server_answered_for_itself_is_held_against_it() -> None:
    """A successor goes on from another one's cache: the past is the other one's."""
    servers = Servers(lively_model("llama"))
    successor, _ = (servers.add(HALVES[0]) for _ in range(2))
    rows = some_states(60).numpy()
    true = servers.by_peer[successor].compute(rows)
    for own_from, liars in [(30, []), (0, [successor])]:
        hop = hop_of(servers.by_peer[successor].record, own_from)
        hop.outputs = history_of(np.concatenate([rows[:30], true[30:]]))
        book = Book()
        servers.own = set(servers.by_peer) - {successor}
        auditor = auditor_of(servers, book, share=1.1)
        auditor.watch(MODEL, lambda _: None).saw(history_of(rows), [hop])
        await auditor.idle()
        assert book.liars == liars
        assert (successor in book.honest) == (not liars)


@pytest.mark.parametrize("own", [True, False])
async def test_who_went_on_from_anothers_cache_is_not_accused_alone(own: bool) -> None:
    """The cache may have been a lie: the span is built anew, and nobody knows whose fault it was."""
    servers = Servers(lively_model("llama"))
    heir, *others = (servers.add(HALVES[0]) for _ in range(3))
    servers.own = set(others) if own else set()
    rows = some_states(60).numpy()
    hop = hop_of(servers.by_peer[heir].record)
    hop.heir_of, hop.outputs = frozenset({"gone"}), history_of(rows)
    book, told = Book(), list[str]()
    auditor = auditor_of(servers, book, share=2.1)
    auditor.watch(MODEL, told.append).saw(history_of(rows), [hop])
    await auditor.idle()
    assert book.liars == []
    assert set(book.disputed) == {heir, "gone"}
    assert told == [heir]


async def test_what_a_server_may_have_taken_from_elsewhere_is_not_audited() -> None:
    servers = Servers(lively_model("llama"))
    heir, _ = (servers.add(HALVES[0]) for _ in range(2))
    rows = some_states(60).numpy()
    hop = hop_of(servers.by_peer[heir].record)
    hop.is_doubtful, hop.outputs = True, history_of(rows)
    auditor = auditor_of(servers, Book(), share=2.1)
    auditor.watch(MODEL, lambda _: None).saw(history_of(rows), [hop])
    await auditor.idle()
    assert auditor.tally == Tally()


async def test_what_was_computed_for_another_session_is_no_work_of_this_one() -> None:
    servers = Servers(lively_model("llama"))
    hop = hop_of(servers.by_peer[servers.add(HALVES[0])].record)
    auditor = auditor_of(servers, Book(), share=1e-9)
    rows = some_states(30).numpy()
    hop.forked_at, hop.outputs = 24, history_of(2 * rows)
    session = auditor.watch(MODEL, lambda _: None)
    session.saw(history_of(rows), [hop])
    assert auditor.schedule.budget.work == 6 * session.records[hop].layers
    assert len(session.records[hop].case(30).gave) == 30  # an audit looks at all of it


async def test_a_step_back_is_looked_at_again() -> None:
    servers = Servers(lively_model("llama"))
    hop = hop_of(servers.by_peer[servers.add(HALVES[0])].record)
    auditor = auditor_of(servers, Book(), share=1e-9)
    session = auditor.watch(MODEL, lambda _: None)
    rows = some_states(40).numpy()
    inputs = history_of(rows[:30])
    hop.outputs = history_of(2 * rows[:30])
    session.saw(inputs, [hop])
    for history, there in ((inputs, rows), (hop.outputs, 3 * rows)):
        history.crop(20)
        history.extend(chunk_of(there[30:34], 20))
    session.saw(inputs, [hop])
    session.saw(inputs, [hop])
    case = session.records[hop].case(24)
    assert np.array_equal(case.gave, np.concatenate([2 * rows[:20], 3 * rows[30:34]]))
    assert np.array_equal(case.took_rows, np.concatenate([rows[:20], rows[30:34]]))


async def test_outputs_that_come_late_are_looked_at_when_they_are_there() -> None:
    servers = Servers(lively_model("llama"))
    chain = [hop_of(servers.by_peer[servers.add(half)].record) for half in HALVES]
    auditor = auditor_of(servers, Book(), share=1e-9)
    session = auditor.watch(MODEL, lambda _: None)
    rows = some_states(20).numpy()
    inputs, chain[1].outputs = history_of(rows), history_of(rows)
    session.saw(inputs, chain)
    assert auditor.schedule.budget.work == 0
    chain[0].outputs.extend(chunk_of(rows, 0))
    session.saw(inputs, chain)
    assert auditor.schedule.budget.work == 20 * N_LAYERS
    session.saw(inputs, chain)
    assert auditor.schedule.budget.work == 20 * N_LAYERS
