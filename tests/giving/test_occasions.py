from hypothesis import given
from hypothesis import strategies as st

from engine.giving.occasions import Occasions
from engine.settings import ReplanSettings

SETTINGS = ReplanSettings(every=(60.0, 180.0), after_loss=20.0)


def at(share: float) -> Occasions:
    """Whose random numbers lie so far between their bounds."""
    return Occasions(SETTINGS, lambda low, high: low + share * (high - low))


@given(st.floats(0, 1), st.floats(0, 1e9))
def test_it_is_thought_again_between_the_bounds(share: float, now: float):
    occasions = at(share)
    occasions.planned(now)
    assert not occasions.is_due(now + 59.9)
    assert occasions.is_due(now + 181.0)


def test_nothing_is_due_before_anything_was_planned():
    assert not at(0.0).is_due(1e9)


def test_a_loss_is_a_reason_soon_and_not_for_all_at_the_same_moment():
    early, late = at(0.1), at(0.9)
    for occasions in (early, late):
        occasions.planned(0.0)
        occasions.seen({"a", "b"}, 1.0)
        occasions.seen({"a", "b", "c"}, 2.0)
        assert not occasions.is_due(30.0)
        occasions.seen({"a", "c"}, 30.0)
    assert early.is_due(33.0)
    assert not late.is_due(33.0)
    assert late.is_due(49.0)


def test_a_loss_puts_nothing_off():
    occasions = at(0.5)
    occasions.planned(0.0)
    occasions.hurry(5.0)
    occasions.seen({"a"}, 4.0)
    occasions.seen(set(), 4.0)
    assert occasions.is_due(5.0)
