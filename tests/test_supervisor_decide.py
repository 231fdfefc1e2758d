import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import Reason, ServerPhase
from engine.host.orders import Report
from engine.supervisor.decide import (
    MAX_CRASHES,
    STABLE_AFTER,
    Action,
    Due,
    Exited,
    Finish,
    Pause,
    Reported,
    Stage,
    Start,
    State,
    decide,
    delay_after,
)

ONLINE = State(Stage.RUNNING, online_since=0.0)
BACKING_OFF = State(Stage.BACKING_OFF, crashes=2, restart_at=9.0)
FAILED = State(Stage.FAILED, crashes=5, reason=Reason.CRASHED_TOO_OFTEN)
GONE = Exited(1.0, "it ended")

TABLE = [
    # state, event, next stage, starts again, actions
    (State(), Start(), Stage.RUNNING, False, (Action.LAUNCH,)),
    (State(), Pause(), Stage.STOPPED, False, ()),
    (State(), Finish(), Stage.STOPPED, False, ()),
    (State(Stage.RUNNING), Start(), Stage.RUNNING, False, ()),
    (State(Stage.RUNNING), Pause(), Stage.ENDING, False, (Action.END,)),
    (State(Stage.RUNNING), Finish(), Stage.ENDING, False, (Action.END,)),
    (ONLINE, Finish(), Stage.DRAINING, False, (Action.DRAIN,)),
    (State(Stage.DRAINING), Finish(), Stage.DRAINING, False, ()),
    (State(Stage.DRAINING), Pause(), Stage.ENDING, False, (Action.END,)),
    (State(Stage.DRAINING), Start(), Stage.DRAINING, True, ()),
    (State(Stage.DRAINING, start_again=True), Finish(), Stage.DRAINING, False, ()),
    (State(Stage.DRAINING), GONE, Stage.STOPPED, False, ()),
    (State(Stage.DRAINING, start_again=True), GONE, Stage.RUNNING, False, (Action.LAUNCH,)),
    (State(Stage.ENDING), Start(), Stage.ENDING, True, ()),
    (State(Stage.ENDING, start_again=True), Pause(), Stage.ENDING, False, ()),
    (State(Stage.ENDING), GONE, Stage.STOPPED, False, ()),
    (State(Stage.ENDING, start_again=True), GONE, Stage.RUNNING, False, (Action.LAUNCH,)),
    (State(Stage.RUNNING), GONE, Stage.BACKING_OFF, False, ()),
    (BACKING_OFF, Due(), Stage.RUNNING, False, (Action.LAUNCH,)),
    (BACKING_OFF, Start(), Stage.RUNNING, False, (Action.LAUNCH,)),
    (BACKING_OFF, Pause(), Stage.STOPPED, False, ()),
    (BACKING_OFF, Finish(), Stage.STOPPED, False, ()),
    (State(), Due(), Stage.STOPPED, False, ()),
    (State(), GONE, Stage.STOPPED, False, ()),
    (FAILED, Start(), Stage.RUNNING, False, (Action.LAUNCH,)),
    (FAILED, Pause(), Stage.STOPPED, False, ()),
    (FAILED, Due(), Stage.FAILED, False, ()),
]


@pytest.mark.parametrize(("state", "event", "stage", "start_again", "actions"), TABLE)
def test_table(state, event, stage, start_again, actions):
    following, done = decide(state, event)
    assert (following.stage, following.start_again, done) == (stage, start_again, actions)


def test_delays_double_up_to_a_minute():
    assert [delay_after(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_five_crashes_in_a_row_are_enough():
    state, now, waits = State(Stage.RUNNING), 0.0, []
    for _ in range(MAX_CRASHES - 1):
        state, _ = decide(state, Exited(now, "it fell"))
        waits.append(state.restart_at - now)
        state, actions = decide(state, Due())
        assert actions == (Action.LAUNCH,)
    state, actions = decide(state, Exited(now, "it fell"))
    assert waits == [1, 2, 4, 8]
    assert (state.stage, state.reason, state.crashes, state.detail, actions) == (
        Stage.FAILED,
        Reason.CRASHED_TOO_OFTEN,
        5,
        "it fell",
        (),
    )


@pytest.mark.parametrize(("online", "crashes"), [(STABLE_AFTER, 1), (STABLE_AFTER - 1, 5)])
def test_a_minute_online_ends_the_row(online, crashes):
    state = State(Stage.RUNNING, crashes=4)
    state, _ = decide(state, Reported(Report(phase=ServerPhase.LOADING), 0.0))
    state, _ = decide(state, Reported(Report(phase=ServerPhase.ONLINE), 100.0))
    state, _ = decide(state, Reported(Report(phase=ServerPhase.ONLINE), 120.0))
    state, _ = decide(state, Exited(100.0 + online, "it fell"))
    assert state.crashes == crashes


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("disk_full", Reason.DISK_FULL),
        ("bad_model_file", Reason.MODEL_BROKEN),
        ("wrong_hash", Reason.MODEL_BROKEN),
        ("not_enough_memory", Reason.NOT_ENOUGH_MEMORY),
    ],
)
def test_what_a_restart_cannot_mend(code, reason):
    state, actions = decide(State(Stage.RUNNING), Exited(0.0, "A sentence.", code))
    assert (state.stage, state.reason, state.detail, actions) == (Stage.FAILED, reason, "A sentence.", ())


def test_without_a_swarm_it_is_tried_again_for_ever_and_no_crash():
    state, waits = State(Stage.RUNNING, crashes=MAX_CRASHES - 1), []
    for _ in range(2000):
        state, _ = decide(state, Exited(0.0, "Nobody answers.", "swarm_unreachable"))
        assert (state.stage, state.reason) == (Stage.BACKING_OFF, Reason.SWARM_UNREACHABLE)
        assert (state.crashes, state.detail) == (MAX_CRASHES - 1, "Nobody answers.")
        waits.append(state.restart_at)
        state, actions = decide(state, Due())
        assert (state.reason, actions) == (None, (Action.LAUNCH,))
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    state, _ = decide(state, Exited(0.0, "it fell"))
    assert state.reason is Reason.CRASHED_TOO_OFTEN


EVENTS = st.one_of(
    st.sampled_from([Start(), Pause(), Finish(), Due()]),
    st.builds(
        Exited,
        st.floats(0, 1e4),
        st.just("it fell"),
        st.sampled_from([None, "disk_full", "swarm_unreachable"]),
    ),
    st.builds(Reported, st.builds(Report, phase=st.sampled_from(ServerPhase)), st.floats(0, 1e4)),
)


@given(st.lists(EVENTS, max_size=40))
def test_never_two_processes_and_none_against_the_owners_wish(events):
    state, running, wanted = State(), False, False
    for event in events:
        if isinstance(event, Exited) and not running:
            continue
        running = running and not isinstance(event, Exited)
        if isinstance(event, (Start, Pause, Finish)):
            wanted = isinstance(event, Start)
        state, actions = decide(state, event)
        if Action.LAUNCH in actions:
            assert not running
            assert wanted
            running = True
        assert running == (state.stage in (Stage.RUNNING, Stage.DRAINING, Stage.ENDING))
        assert wanted or state.stage is not Stage.RUNNING
