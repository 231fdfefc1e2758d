"""How hidden states travel: nothing is lost without need, and never more than a share of what layers lose."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedModel

from engine.peers.book import PeerBook
from engine.planning.quality import quality
from engine.precision import NATIVES, PRECISIONS, Native, Precision
from engine.route.encodings import (
    LINK_LOSS,
    SHARE_OF_LOSS,
    WORTH,
    Ends,
    Line,
    between,
    chosen,
    encodings_of,
    knows,
    lossless,
)
from engine.route.plan import PlannedHop
from engine.wire.messages import ENCODINGS, WireEncoding, row_bytes
from engine.wire.records import SpanRecord
from tests.bench.crossings import CHAIN, CrossingReading
from tests.bench.precision import TEXT
from tests.in_memory_swarm import IMPATIENT, MemoryServer, MemorySwarm
from tests.peers.clock import Clock
from tests.route.records import N, server
from tests.route.test_session import PROMPT, STEPS, TOLERANCE, outputs_of, undisturbed
from tests.tiny_models import HIDDEN, one_torch_thread, some_states

__all__ = ["one_torch_thread"]

MEGABIT = 125_000.0  # bytes a second
WIDE, PIECE = 4096, 256


def link(rate: float | None = None, lossless: WireEncoding = "float32", *, takes_all: bool = True) -> Line:
    return Line(lossless, rate, takes_all)


def chain(*precisions: Precision, native: Native = "float32", upload: float = 0.0) -> list[PlannedHop]:
    """As many servers as precisions, for equal parts of N layers."""
    borders = [N * at // len(precisions) for at in range(len(precisions) + 1)]
    return [
        PlannedHop(knowing(at, *span, native, precision, upload), *span)
        for at, (span, precision) in enumerate(zip(pairwise(borders), precisions, strict=True))
    ]


def knowing(
    number: int, start: int, end: int, native: Native, kept: Precision, upload: float = 0.0
) -> SpanRecord:
    record = server(
        number,
        start,
        end,
        precision=native,
        layer_precisions=((kept, end - start),),
        upload_bytes_per_s=upload,
        step_seconds=0.005 * (end - start),
    )
    return record.model_copy(update={"encodings": ENCODINGS})


def encodings(chain: Sequence[PlannedHop], book: PeerBook | None = None) -> tuple[WireEncoding, ...]:
    return encodings_of(chain, N, book or PeerBook(Clock()), PIECE, WIDE)


# --- what loses nothing


@pytest.mark.parametrize(
    ("giver", "taker", "expected"),
    [
        ("float32", "float32", "float32"),
        ("bfloat16", "float32", "bfloat16"),
        ("float32", "bfloat16", "bfloat16"),
        ("float16", "float32", "float16"),
        ("float32", "float16", "float32"),  # what is too large for the taker, it says itself
        ("bfloat16", "float16", "bfloat16"),
        ("float16", "bfloat16", "float16"),
        (None, "bfloat16", "bfloat16"),
        ("bfloat16", None, "bfloat16"),
        (None, None, "float32"),
    ],
)
def test_the_shortest_that_loses_nothing(
    giver: Native | None, taker: Native | None, expected: WireEncoding
) -> None:
    ends = [None if of is None else knowing(0, 0, N, of, of) for of in (giver, taker)]
    assert lossless(*ends) == expected


@pytest.mark.parametrize("native", NATIVES)
def test_a_server_that_names_no_encoding_gets_and_gives_the_plain_one(native: Native) -> None:
    older, newer = server(0, precision=native), knowing(1, 0, N, native, native)
    for ends in ((older, newer), (newer, older), (None, older), (older, None)):
        assert lossless(*ends) == "float32"
    assert knows(older, Ends("float32", "float32"))
    assert knows(older, Ends("bfloat16", "bfloat16"))
    assert not knows(older, Ends("float32", "int8"))
    assert not knows(older, Ends("float32", "bfloat16"))
    assert not knows(older, Ends("int8", "int8"))


def test_nothing_is_lost_within_a_part_of_a_chain_that_stands_already() -> None:
    ends = Ends("int8", "bfloat16")
    assert between(chain("nf4", "nf4", upload=1.0), ends) == ("int8", "float32", "bfloat16")
    assert between(chain("nf4"), ends) == ("int8", "bfloat16")


# --- what is lost for slow lines


@pytest.mark.parametrize(
    ("kept", "native", "upload", "expected"),
    [
        ("nf4", "float32", 10 * MEGABIT, ("float32", "int8", "int8", "int8")),
        ("int8", "float32", 10 * MEGABIT, ("float32", "int8", "int8", "int8")),
        ("bfloat16", "bfloat16", 10 * MEGABIT, ("bfloat16", "int8", "int8", "bfloat16")),
        ("float16", "float16", 10 * MEGABIT, ("float32", "float16", "float16", "float16")),
        ("float32", "float32", 10 * MEGABIT, ("float32",) * 4),
        ("nf4", "float32", 300 * MEGABIT, ("float32", "int8", "float32", "float32")),
        ("nf4", "float32", 10_000 * MEGABIT, ("float32",) * 4),
        ("nf4", "float32", 0.0, ("float32",) * 4),  # not measured
    ],
)
def test_chains_of_three(
    kept: Precision, native: Native, upload: float, expected: tuple[WireEncoding, ...]
) -> None:
    """A prompt's pieces of 256 tokens take about half a second at each server, whose outputs go out twice."""
    assert encodings(chain(kept, kept, kept, native=native, upload=upload)) == expected


def test_the_line_of_this_computer_counts_as_it_was_measured() -> None:
    hops, book = chain("nf4", "nf4"), PeerBook(Clock())
    book.note_transfer(hops[0].server.peer, 1 << 20, (1 << 20) / MEGABIT)
    assert encodings(hops, book) == ("int8", "float32", "float32")


lines = st.lists(
    st.builds(
        Line,
        lossless=st.sampled_from(["float32", "bfloat16", "float16"]),
        bytes_per_s=st.none() | st.floats(1e3, 1e9),
        takes_all=st.booleans(),
    ),
    min_size=2,
    max_size=8,
)


@given(lines, st.floats(0, 10), st.floats(0, 1e-3))
def test_what_is_lost_is_allowed_and_worth_it(every: list[Line], elsewhere: float, allowance: float) -> None:
    found = chosen(every, elsewhere, allowance, PIECE, WIDE)
    plain = [PIECE * row_bytes(line.lossless, WIDE) / (line.bytes_per_s or 1e99) for line in every]
    lossy = [at for at, line in enumerate(every) if found[at] != line.lossless]
    last = len(every) - 1
    assert sum(LINK_LOSS[found[at]][at == last] for at in lossy) <= allowance * (1 + 1e-9)
    for at in lossy:
        assert every[at].takes_all
        assert sum(plain) >= WORTH * (elsewhere + sum(plain))
        assert row_bytes(found[at], WIDE) < row_bytes(every[at].lossless, WIDE)


@given(st.lists(st.sampled_from(PRECISIONS), min_size=1, max_size=N), st.floats(1e3, 1e9))
def test_links_lose_at_most_a_share_of_what_the_layers_do(kept: list[Precision], upload: float) -> None:
    hops = chain(*kept, upload=upload)
    found = encodings(hops)
    plain = encodings(chain(*kept))
    lost = sum(
        LINK_LOSS[ours][at == len(found) - 1]
        for at, (ours, theirs) in enumerate(zip(found, plain, strict=True))
        if ours != theirs
    )
    allowed = 1 - quality([p for hop in hops for p in hop.precisions], N)
    assert lost <= SHARE_OF_LOSS * allowed * 1.2  # a loss of x nats leaves exp(-x)


# --- in sessions

ALL_STEPS = [(some_states(PROMPT), 0)] + [
    (some_states(1, seed=at), at) for at in range(PROMPT, PROMPT + STEPS)
]
BEFORE = 3  # steps, until a server dies


def coarse_and_slow(swarm: MemorySwarm, model: PreTrainedModel, start: int, end: int) -> MemoryServer:
    """Announced to be so: it computes in float32."""
    added = swarm.add(model, start, end, layer_precisions=(("nf4", end - start),))
    added.upload_bytes_per_s = 100.0
    return added


async def test_slow_lines_carry_eight_bits_and_a_replacement_goes_on_with_the_same(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    first, second = (coarse_and_slow(swarm, model, *span) for span in ((0, 2), (2, 5)))
    spares = [coarse_and_slow(swarm, model, *span) for span in ((0, 2), (2, 5))]
    session = swarm.session()
    expected = await outputs_of(session.step)
    assert [hop.ends for hop in session._route.chain.hops] == [
        Ends("float32", "int8"),
        Ends("int8", "int8"),
    ]
    off = (expected - await undisturbed(model)).abs().max()
    assert TOLERANCE < off < 0.1
    for lost, spare in zip((first, second), spares, strict=True):
        disturbed = swarm.session()
        before = [await disturbed.step(*step) for step in ALL_STEPS[:BEFORE]]
        lost.die()
        after = [await disturbed.step(*step) for step in ALL_STEPS[BEFORE:]]
        assert disturbed.replayed_spans == 1
        assert spare.batcher.steps
        assert {hop.ends.gives for hop in disturbed._route.chain.hops} == {"int8"}
        off = (torch.cat([*before, *after]) - expected).abs().max()
        assert off <= expected.abs().max() / 127  # a replay computes in other pieces, and may round apart


async def test_an_older_server_is_asked_for_nothing_new(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    servers = [coarse_and_slow(swarm, model, *span) for span in ((0, 2), (2, 5))]
    servers[1].encodings = ()
    session = swarm.session()
    outputs = await outputs_of(session.step)
    assert {hop.ends for hop in session._route.chain.hops} == {Ends("float32", "float32")}
    assert (outputs - await undisturbed(model)).abs().max() <= TOLERANCE


async def test_older_servers_replace_one_whose_states_come_and_go_alike(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    first, second = swarm.add(model, 0, 2), swarm.add(model, 2, 5)
    for bfloat16 in (first, second):
        bfloat16.precision = "bfloat16"
    session = swarm.session()
    await session.step(some_states(PROMPT), 0)
    for span in ((2, 4), (4, 5)):
        swarm.add(model, *span).encodings = ()
    second.die()
    assert (await session.step(some_states(1), PROMPT)).shape == (1, HIDDEN)
    assert session.replayed_spans == 1
    assert swarm.book.failures == [second.peer]


async def test_what_bfloat16_servers_give_travels_as_such(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    servers = [swarm.add(model, *span) for span in ((0, 2), (2, 5))]
    for added in servers:
        added.precision = "bfloat16"
    session = swarm.session()
    await outputs_of(session.step)
    [stream, *_] = swarm.client_streams
    sent = stream.sent
    plain = swarm.session(replace(IMPATIENT, ends=Ends("float32", "float32")))
    await outputs_of(plain.step)
    headers = sent - 2 * HIDDEN * (PROMPT + STEPS)
    assert 0 < headers < swarm.client_streams[2].sent - 3.5 * HIDDEN * (PROMPT + STEPS)


# --- the table


@pytest.mark.starter
def test_links_lose_what_the_table_says(starter_store) -> None:
    reading = CrossingReading(*starter_store, TEXT.read_text(), 256)
    inner, last = CHAIN[1:-1], CHAIN[-1]
    for encoding, (to_server, to_client) in LINK_LOSS.items():
        assert to_server / 10 < reading.lost(encoding, inner) / len(inner) <= to_server
        assert to_client / 10 < reading.lost(encoding, (last,)) <= to_client
