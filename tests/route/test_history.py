"""A hop's history, with what goes with the hidden states: cut at right places, and put together again."""

from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.model.extras import StepExtras
from engine.route.history import Chunk, History, cut, join

Blocks = tuple[tuple[int, int], ...]


def chunk_with(tokens: int, position: int = 0, axes: int = 0, blocks: Blocks = ()) -> Chunk:
    """Tokens whose hidden states are their positions; those of a block see each other."""
    at = torch.arange(position, position + tokens)
    mask = torch.arange(position + tokens) <= at[:, None]
    for start, end in blocks:
        mask[start:end, position + start : position + end] = True
    positions = torch.stack([at + 100 * axis for axis in range(axes)]) if axes else None
    extras = StepExtras(positions, {"": mask} if blocks else {})
    return Chunk(position, at[:, None].float(), extras or None)


def assert_same(ours: Chunk, theirs: Chunk) -> None:
    assert ours.position == theirs.position
    assert ours.hidden.tolist() == theirs.hidden.tolist()
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
        history.write(chunk)
        said[position:] = [(chunk, row) for row in range(tokens)]
    replayed = [(chunk, row) for chunk in history.upto(upto, size) for row in range(len(chunk))]
    assert len(replayed) == min(upto, len(said))
    for (ours, row), (theirs, origin) in zip(replayed, said, strict=False):
        assert ours.hidden[row].tolist() == theirs.hidden[origin].tolist()
        assert places(ours, row) == places(theirs, origin)
        assert seen(ours, row, upto) == seen(theirs, origin, min(upto, *ends(said, theirs)))


def places(chunk: Chunk, row: int) -> set[int]:
    """Of a token, on all axes; plain tokens are counted."""
    own = chunk.extras.positions if chunk.extras else None
    return {chunk.position + row} if own is None else set(own[:, row].tolist())


def seen(chunk: Chunk, row: int, upto: int) -> list[int] | None:
    mask = chunk.extras.masks.get("") if chunk.extras else None
    return None if mask is None else [at for at in mask[row].nonzero()[:, 0].tolist() if at < upto]


def ends(said: list[tuple[Chunk, int]], chunk: Chunk) -> list[int]:
    """Where what is left of a chunk ends."""
    return [chunk.position + row + 1 for other, row in said if other is chunk][-1:]
