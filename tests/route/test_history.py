"""A hop's history, with what goes with the hidden states: cut at right places, and put together again."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.model.extras import StepExtras
from engine.route.history import Chunk, History, cut, join
from engine.route.states import States

Blocks = tuple[tuple[int, int], ...]


def chunk_with(tokens: int, position: int = 0, axes: int = 0, blocks: Blocks = ()) -> Chunk[States]:
    """Tokens whose hidden states are their positions; those of a block see each other."""
    at = torch.arange(position, position + tokens)
    mask = torch.arange(position + tokens) <= at[:, None]
    for start, end in blocks:
        mask[start:end, position + start : position + end] = True
    positions = torch.stack([at + 100 * axis for axis in range(axes)]) if axes else None
    extras = StepExtras(positions, {"": mask} if blocks else {})
    return Chunk(position, States.of(at[:, None].float(), "float32"), extras or None)


def numbers(chunk: Chunk[States]) -> list[float]:
    return chunk.hidden.unpacked()[:, 0].tolist()


def assert_same(ours: Chunk[States], theirs: Chunk[States]) -> None:
    assert ours.position == theirs.position
    assert numbers(ours) == numbers(theirs)
    mine, other = (chunk.extras or StepExtras() for chunk in (ours, theirs))
    assert (mine.positions is None) == (other.positions is None)
    assert mine.positions is None or mine.positions.tolist() == other.positions.tolist()
    assert {k: m.tolist() for k, m in mine.masks.items()} == {k: m.tolist() for k, m in other.masks.items()}


blocks = (
    st.lists(st.integers(0, 20), unique=True, max_size=6)
    .map(sorted)
    .map(lambda ends: tuple(zip(ends[::2], ends[1::2], strict=False)))
)


@given(st.integers(1, 20), st.integers(0, 9), st.sampled_from([0, 1, 3]), blocks, st.integers(1, 7))
def test_pieces_put_together_are_the_whole(
    tokens: int, position: int, axes: int, blocks: Blocks, size: int
) -> None:
    whole = chunk_with(tokens, position, axes, blocks)
    assert_same(join(cut(whole, size)), whole)


@given(st.integers(1, 20), st.integers(0, 9), blocks, st.integers(1, 7))
def test_tokens_that_see_each_other_stay_together(
    tokens: int, position: int, blocks: Blocks, size: int
) -> None:
    pieces = cut(chunk_with(tokens, position, 0, blocks), size)
    borders = {piece.end - position for piece in pieces[:-1]}
    joint = {at for start, end in blocks for at in range(start + 1, min(end, tokens))}
    assert not borders & joint
    for before, after in pairwise(pieces):  # nothing is cut more finely than needed
        shared = range(before.position - position, after.end - position)
        assert len(before) + len(after) > size or set(shared[1:]) & joint


def test_plain_chunks_are_as_long_as_they_may_be() -> None:
    assert [len(piece) for piece in cut(chunk_with(10), 4)] == [4, 4, 2]


def test_a_block_longer_than_a_chunk_is_one_step() -> None:
    assert [len(piece) for piece in cut(chunk_with(14, blocks=((3, 9),)), 4)] == [3, 6, 4, 1]


def test_plain_tokens_among_placed_ones_stand_at_the_same_place_on_every_axis() -> None:
    joined = join([chunk_with(2), chunk_with(1, 2, axes=3), chunk_with(1, 3, axes=1)])
    assert joined.extras.positions.tolist() == [[0, 1, 2, 3], [0, 1, 102, 3], [0, 1, 202, 3]]


# --- histories

steps = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from([0, 3]), st.booleans()), max_size=6
)


@given(steps, st.integers(0, 25), st.integers(1, 6))
def test_a_replay_says_of_each_token_what_was_said_last(
    made: list[tuple[int, int, int, bool]], upto: int, size: int
) -> None:
    history, said = History(), []
    for at, tokens, axes, masked in made:
        position = min(at, history.length)
        chunk = chunk_with(tokens, position, axes, ((0, min(2, tokens)),) if masked else ())
        history.crop(position)
        history.extend(chunk)
        said[position:] = [(chunk, row) for row in range(tokens)]
    replayed = [(chunk, row) for chunk in history.between(0, upto, size) for row in range(len(chunk))]
    assert len(replayed) == min(upto, len(said))
    for (ours, row), (theirs, origin) in zip(replayed, said, strict=False):
        assert numbers(ours)[row] == numbers(theirs)[origin]
        assert places(ours, row) == places(theirs, origin)
        assert seen(ours, row, upto) == seen(theirs, origin, min(upto, *ends(said, theirs)))


def places(chunk: Chunk[States], row: int) -> set[int]:
    """Of a token, on all axes; plain tokens are counted."""
    own = chunk.extras.positions if chunk.extras else None
    return {chunk.position + row} if own is None else set(own[:, row].tolist())


def seen(chunk: Chunk[States], row: int, upto: int) -> list[int] | None:
    mask = chunk.extras.masks.get("") if chunk.extras else None
    return None if mask is None else [at for at in mask[row].nonzero()[:, 0].tolist() if at < upto]


def ends(said: list[tuple[Chunk[States], int]], chunk: Chunk) -> list[int]:
    """Where what is left of a chunk ends."""
    return [chunk.position + row + 1 for other, row in said if other is chunk][-1:]


writes = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)), max_size=8)


def written(steps: list[tuple[int, int]]) -> tuple[History, list[float]]:
    """A history and what it should hold: each step begins at or before the end of the last one."""
    history, plain, mark = History(), [], 0
    for position, tokens in steps:
        at = min(position, len(plain))
        new = [float(mark := mark + 1) for _ in range(tokens)]
        history.crop(at)
        history.extend(Chunk(at, States.of(torch.tensor(new)[:, None], "float32")))
        plain[at:] = new
    return history, plain


@given(writes, st.integers(0, 30), st.integers(0, 30))
def test_a_history_is_what_was_written_last_at_each_position(
    steps: list[tuple[int, int]], start: int, end: int
) -> None:
    history, plain = written(steps)
    pieces = history.between(start, end, size=5)
    assert [number for chunk in pieces for number in numbers(chunk)] == plain[start:end]
    assert [chunk.position for chunk in pieces] == list(range(start, min(end, len(plain)), 5))
    assert history.length == len(plain)


@given(writes, st.integers(0, 30))
def test_a_cropped_history_ends_there(steps: list[tuple[int, int]], length: int) -> None:
    history, plain = written(steps)
    history.crop(length)
    assert history.length == min(len(plain), length)


@given(writes, st.integers(0, 12), st.integers(1, 9))
def test_what_a_history_has_stays(steps: list[tuple[int, int]], position: int, tokens: int) -> None:
    history, plain = written(steps)
    late = Chunk(min(position, len(plain)), States.of(torch.zeros(tokens, 1), "float32"))
    history.extend(late)
    kept = [number for chunk in history.between(0, 99, size=99) for number in numbers(chunk)]
    assert kept == plain + [0.0] * (late.end - len(plain))


def test_a_history_has_no_gaps() -> None:
    with pytest.raises(ValueError, match="follow"):
        History().extend(chunk_with(2, position=1))
