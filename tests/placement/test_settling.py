"""All servers of a small swarm think about moving at once, say where they would go, and look again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.placement.moves import Circumstances, move
from engine.placement.reading import view_of
from engine.placement.view import Candidate, SwarmView
from engine.wire.records import ServerState, SpanRecord
from tests.placement.swarms import joined, model, offer, redundancy, swarm, uncovered
from tests.placement.test_reading import MODEL, peer

DEPTH = 24
RATE = 600.0
Span = tuple[int, int]
JUST_COME = Circumstances(served_seconds=1.0, stay_seconds=6 * 3600, away_seconds=60, draw=0.0)


def record(number: int, span: Span, moves_to: Span | None = None) -> SpanRecord:
    place = {"model": MODEL, "model_name": "M", "n_layers": DEPTH}
    return SpanRecord.model_validate(
        {
            **place,
            "peer": peer(number),
            "start": span[0],
            "end": span[1],
            "tokens_per_s": RATE / (span[1] - span[0]),
            "state": ServerState.ONLINE,
            "moves_to": moves_to
            and place | {"start": moves_to[0], "end": moves_to[1], "tokens_per_s": RATE / 8},
            "expires": 1e10,
        }
    )


def chosen(view: SwarmView, span: Span, circumstances: Circumstances) -> Span | None:
    """Where a server goes; all have their layers at hand, and room for as many as they serve."""
    of = offer(DEPTH, span[1] - span[0], RATE, of=MODEL, held=range(DEPTH))
    best = move(view, [of], Candidate(of, *span, 0.0, 0, ""), circumstances)
    return best and (best.start, best.end)


def intents(spans: Mapping[int, Span], random: Random, circumstances: Circumstances) -> dict[int, Span]:
    """Of those who would go, where to: nobody has heard of the others."""
    records = [record(number, span) for number, span in spans.items()]
    wishes = {
        number: chosen(view_of(records, {peer(number)}), span, replace(circumstances, draw=random.random()))
        for number, span in spans.items()
    }
    return {number: wish for number, wish in wishes.items() if wish is not None}


def settled(
    spans: Mapping[int, Span], meant: Mapping[int, Span], circumstances: Circumstances
) -> dict[int, Span]:
    """Who goes after a look at what all mean, and where to."""
    records = [record(number, span, meant.get(number)) for number, span in spans.items()]
    found: dict[int, Span] = {}
    for number, wish in meant.items():
        view = view_of(records, {peer(number)}, rank_below=peer(number))
        goes = chosen(view, spans[number], circumstances)
        if goes is not None and goes[0] < wish[1] and wish[0] < goes[1]:
            found[number] = goes
    return found


def holes(spans: Sequence[Span]) -> list[int]:
    """How many hold each layer."""
    held = Counter(layer for start, end in spans for layer in range(start, end))
    return [layer for layer in range(DEPTH) if not held[layer]]


def can_be_mended(spans: Mapping[int, Span]) -> bool:
    """Whether one move makes the model whole."""
    return any(
        not holes([*(other for n, other in spans.items() if n != number), (first, first + end - start)])
        for number, (start, end) in spans.items()
        for first in range(DEPTH - end + start + 1)
    )


def whole(lengths: Sequence[int]) -> dict[int, Span]:
    """As computers with room for so many layers come one after another; a newcomer each."""
    come = joined(
        swarm(model(DEPTH, name=MODEL)),
        [(offer(DEPTH, length, RATE, of=MODEL, held=range(DEPTH)),) for length in lengths],
    ).models[MODEL]
    assume(not uncovered(come) and min(redundancy(come)) > 0)
    return {number: (server.start, server.end) for number, server in enumerate(come.servers)}


ROUNDS = 12
lengths = st.lists(st.integers(7, 12), min_size=4, max_size=6)


@settings(deadline=None, max_examples=60)
@given(lengths, st.randoms(use_true_random=False))
def test_what_one_move_can_mend_is_mended_and_then_nobody_moves_back(
    several: list[int], random: Random
) -> None:
    spans = whole(several)
    del spans[random.choice(sorted(spans))]
    assume(holes(list(spans.values())) and can_be_mended(spans))
    left: dict[int, list[Span]] = {number: [] for number in spans}
    for _ in range(ROUNDS):
        going = settled(spans, intents(spans, random, JUST_COME), JUST_COME)
        for number in going:
            left[number].append(spans[number])
        spans |= going
        if not going and not holes(list(spans.values())):
            break
    assert not holes(list(spans.values()))
    assert settled(spans, intents(spans, random, JUST_COME), JUST_COME) == {}
    for number, before in left.items():
        assert spans[number] not in before


def test_nobody_opens_a_hole_that_nobody_could_close_where_another_could_make_the_model_whole() -> None:
    """Not even by chance."""
    spans = {1: (7, 14), 2: (13, 24), 3: (14, 21)}
    records = [record(number, span) for number, span in spans.items()]
    by_chance = replace(JUST_COME, draw=0.0)
    found = {n: chosen(view_of(records, {peer(n)}), span, by_chance) for n, span in spans.items()}
    assert found == {1: None, 2: None, 3: (0, 7)}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("several", [8, 20])
def test_of_many_that_would_close_one_hole_one_goes(several: int, seed: int) -> None:
    spans = {number: ((number % 2) * 8, (number % 2) * 8 + 8) for number in range(several)}
    assert holes(list(spans.values())) == list(range(16, 24))
    random = Random(seed)
    meant = {number: (16, 24) for number in spans if random.random() < 0.8}  # whatever chance has said
    going = settled(spans, meant, JUST_COME)
    assert list(going.values()) == [(16, 24)]
    assert len(meant) > 1


def test_who_says_where_it_goes_while_it_drains_is_counted_by_all() -> None:
    spans = {number: ((number % 2) * 8, (number % 2) * 8 + 8) for number in range(6)}
    records = [record(number, span, (16, 24) if number == 0 else None) for number, span in spans.items()]
    records[0] = records[0].model_copy(update={"state": ServerState.DRAINING})
    for number in range(1, 6):
        view = view_of(records, {peer(number)}, rank_below=peer(number))
        assert chosen(view, spans[number], JUST_COME) is None


def test_a_liar_that_means_to_go_everywhere_keeps_nobody_for_long() -> None:
    """One place for each record: the others' holes are closed by who can, one round later."""
    spans = {number: ((number % 2) * 8, (number % 2) * 8 + 8) for number in range(6)}
    liar = 77
    random = Random(3)
    for lie in [(16, 24), (0, 8), (16, 24), (8, 16)]:
        records = [record(number, span) for number, span in spans.items()] + [record(liar, (0, 8), lie)]
        for number, span in spans.items():
            view = view_of(records, {peer(number)})
            if (there := chosen(view, span, replace(JUST_COME, draw=random.random() / 4))) is not None:
                spans[number] = there
                break
    assert not holes(list(spans.values()))
