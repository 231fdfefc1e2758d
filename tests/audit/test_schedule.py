"""Which hop is audited when, and how deep: random, fair, and never dearer than allowed."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from engine.audit.schedule import MIN_TOKENS, Budget, Draw, Schedule, Work, chosen, depth_of
from engine.settings import AuditSettings

works = st.builds(
    Work,
    peer=st.sampled_from(["a", "b", "c"]),
    layers=st.integers(1, 40),
    tokens=st.integers(0, 3000),
    before=st.integers(0, 100),
    is_whole=st.booleans(),
)
draws = st.builds(Draw, st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))


@given(draws, works.filter(lambda work: work.tokens >= MIN_TOKENS))
def test_a_depth_lies_inside_of_what_was_done(draw: Draw, work: Work) -> None:
    assert MIN_TOKENS <= depth_of(draw, work) <= work.tokens
    assert depth_of(draw, work) == work.tokens or not work.is_whole


def test_late_tokens_are_reached_with_fair_probability() -> None:
    random = Random(1)
    depths = [depth_of(Draw.new(random), Work("a", 10, 640)) for _ in range(4000)]
    assert sum(depth > 320 for depth in depths) / 4000 > 0.15
    assert sum(depth < 64 for depth in depths) / 4000 > 0.3


@given(draws, st.lists(works, max_size=5))
def test_who_has_done_too_little_is_not_judged(draw: Draw, done: list[Work]) -> None:
    index = chosen(draw, done, {})
    assert (index is None) == all(work.tokens < MIN_TOKENS for work in done)
    assert index is None or done[index].tokens >= MIN_TOKENS


def test_newcomers_are_audited_more_often_and_nobody_never() -> None:
    random, passed = Random(1), {"old": 10_000, "newer": 1}
    done = [Work(peer, 10, 100) for peer in ("old", "newer", "new")]
    picked = Counter(chosen(Draw.new(random), done, passed) for _ in range(3000))
    assert picked[2] > picked[1] > picked[0] > 3000 * 0.04


@given(
    st.floats(0, 0.5),
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 500), st.booleans()), min_size=1, max_size=60),
    st.integers(0, 2**32),
)
def test_audits_cost_no_more_than_their_share_and_one_that_is_urgent(
    share: float, steps: list[tuple[int, int, bool]], seed: int
) -> None:
    schedule = Schedule(AuditSettings(share), Random(seed))
    budget, tokens, urgent = schedule.budget, 0, 0
    for layers, more, is_odd in steps:
        tokens += more
        work = Work("a", layers, tokens)
        budget.work += more * layers
        if is_odd and budget.gives_credit:
            budget.spent += work.cost(tokens)
            urgent = max(urgent, work.cost(tokens))
        elif (due := schedule.due([work])) is not None:
            budget.spent += work.cost(due[1])
            schedule.note_begun()
        assert budget.spent <= share * budget.work + urgent + 1e-6


def test_a_draw_stands_until_it_is_paid() -> None:
    schedule = Schedule(AuditSettings(0.03), Random(5))
    done = [Work("a", 10, 200), Work("b", 10, 200), Work("c", 10, 200)]
    assert schedule.due(done) is None
    schedule.budget.work = 1e9
    first = schedule.due(done)
    assert first is not None
    assert schedule.due(done) == first
    schedule.note_begun()
    assert {schedule.due(done) for _ in range(3)} != {first}


def test_most_of_the_allowed_share_is_used() -> None:
    schedule = Schedule(AuditSettings(0.03), Random(3))
    for _ in range(200):  # chats of 40 to 400 tokens through three hops
        for tokens in range(40, 401, 10):
            schedule.budget.work += 300
            if (due := schedule.due([Work(peer, 10, tokens) for peer in "abc"])) is not None:
                schedule.budget.spent += 10 * due[1]
                schedule.note_begun()
    assert 0.025 <= schedule.budget.spent / schedule.budget.work <= 0.03


def test_without_a_share_nothing_is_audited() -> None:
    schedule = Schedule(AuditSettings(share=0), Random(1))
    schedule.budget.work = 1e9
    assert schedule.due([Work("a", 1, 100)]) is None
    assert not Budget(share=0, work=1e9).gives_credit
