"""What goes to make room, as tables and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.weights.store.eviction import PartUse, Space, default_limit, to_evict

OLD, MIDDLE, NEW = PartUse("old", 10, 1.0), PartUse("middle", 10, 2.0), PartUse("new", 10, 3.0)
ORPHAN = PartUse("orphan", 10, 9.0, orphan=True)


@pytest.mark.parametrize(
    ("parts", "excess", "pinned", "gone"),
    [
        ([NEW, OLD, MIDDLE], 0, [], []),
        ([NEW, OLD, MIDDLE], 1, [], [OLD]),
        ([NEW, OLD, MIDDLE], 10, [], [OLD]),
        ([NEW, OLD, MIDDLE], 11, [], [OLD, MIDDLE]),
        ([NEW, OLD, MIDDLE], 11, ["old"], [MIDDLE, NEW]),
        ([NEW, OLD, MIDDLE], 99, ["middle"], [OLD, NEW]),  # as far as it goes
        ([NEW, OLD, ORPHAN], 11, [], [ORPHAN, OLD]),
        ([ORPHAN], 5, ["orphan"], []),
        ([], 5, [], []),
    ],
)
def test_orphans_and_then_the_least_recently_used_go(parts, excess, pinned, gone):
    assert to_evict(parts, excess, pinned) == tuple(gone)


parts_of_any_use = st.lists(
    st.builds(
        PartUse,
        digest=st.text("abcdef", min_size=1, max_size=4),
        size=st.integers(0, 1000),
        last_used=st.floats(0, 1e9),
        orphan=st.booleans(),
    ),
    max_size=20,
    unique_by=lambda part: part.digest,
)


@given(parts_of_any_use, st.integers(0, 10_000), st.data())
def test_enough_goes_and_no_more_and_never_what_is_pinned(parts, excess, data):
    pinned = {part.digest for part in parts if data.draw(st.booleans())}
    gone = to_evict(parts, excess, pinned)
    freed = sum(part.size for part in gone)
    free_to_go = [part for part in parts if part.digest not in pinned]
    assert set(gone) <= set(free_to_go)
    assert freed >= min(excess, sum(part.size for part in free_to_go))
    assert not gone or freed - gone[-1].size < excess


@given(parts_of_any_use, st.integers(0, 10_000))
def test_whatever_stays_was_used_later_than_what_goes_of_its_kind(parts, excess):
    gone = to_evict(parts, excess, ())
    stays = set(parts) - set(gone)
    for part in gone:
        assert all(other.last_used >= part.last_used for other in stays if other.orphan == part.orphan)
    assert all(part.orphan for part in gone) or not any(part.orphan for part in stays)


@pytest.mark.parametrize(
    ("space", "needed", "excess"),
    [
        (Space(held=50, limit=100, free=1000), 50, 0),
        (Space(held=50, limit=100, free=1000), 51, 1),
        (Space(held=150, limit=100, free=1000), 0, 50),  # the limit was lowered
        (Space(held=50, limit=100, free=20), 30, 10),
        (Space(held=50, limit=100, free=-20), 30, 50),  # others have filled the disk
        (Space(held=90, limit=100, free=20), 30, 20),
    ],
)
def test_what_is_too_much(space, needed, excess):
    assert space.excess(needed) == excess


@given(st.integers(0, 1 << 50), st.integers(-(1 << 40), 1 << 50), st.integers(0, 1 << 50))
def test_the_default_limit_does_not_move_while_the_store_fills(held, free, more):
    assert default_limit(held, free) == default_limit(held + more, free - more) >= 0
