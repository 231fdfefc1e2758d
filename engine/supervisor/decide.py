"""What to do with the block server process after each event: plain data in, plain data out.

            start                    drained, ended
  STOPPED ────────▶ RUNNING ──finish──▶ DRAINING ───▶ STOPPED
     ▲                │  ▲ │                 │ pause
     │                │  │ └────pause──▶ ENDING ───▶ STOPPED
     │          crash │  │ due
     └──pause── BACKING_OFF ──five crashes in a row──▶ FAILED ──start──▶ RUNNING

A process that finds no swarm has not crashed: it is started again for as long as the owner gives.
A start while the process drains or ends is kept, and carried out once it is gone.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from engine.api.schema import Reason, ServerPhase
from engine.host.orders import Report

FIRST_DELAY = 1.0  # seconds
LONGEST_DELAY = 60.0
MAX_CRASHES = 5  # in a row
STABLE_AFTER = 60.0  # seconds online that end a row of crashes

FATAL: dict[str, Reason] = {
    "disk_full": Reason.DISK_FULL,
    "bad_model_file": Reason.MODEL_BROKEN,
    "unsupported_model": Reason.MODEL_BROKEN,
    "part_missing": Reason.MODEL_BROKEN,
    "wrong_hash": Reason.MODEL_BROKEN,
    "not_enough_memory": Reason.NOT_ENOUGH_MEMORY,
}
_PARTS_MISSING = ("part_missing", "wrong_hash")
UNREACHABLE = "swarm_unreachable"  # the code of a process that found no swarm


class Stage(StrEnum):
    STOPPED = "stopped"
    RUNNING = "running"
    DRAINING = "draining"
    ENDING = "ending"
    BACKING_OFF = "backing_off"
    FAILED = "failed"


@dataclass(frozen=True)
class State:
    stage: Stage = Stage.STOPPED
    start_again: bool = False  # once the process is gone
    online_since: float | None = None  # of the running process
    crashes: int = 0  # in a row
    lonely: int = 0  # times in a row that no swarm was found
    restart_at: float | None = None  # while backing off
    reason: Reason | None = None  # while failed, or while backing off for another reason than a crash
    detail: str = ""  # of the last crash, one sentence
    code: str | None = None  # of the failure, while failed

    @property
    def misses_parts(self) -> bool:
        """Stopped because layers were damaged or gone: they can be fetched again."""
        return self.stage is Stage.FAILED and self.code in _PARTS_MISSING


# --- events; every time is in seconds of one monotonic clock


@dataclass(frozen=True)
class Start:
    pass


@dataclass(frozen=True)
class Pause:
    pass


@dataclass(frozen=True)
class Finish:
    pass


@dataclass(frozen=True)
class Due:
    """The time to restart has come."""


@dataclass(frozen=True)
class Reported:
    report: Report
    now: float


@dataclass(frozen=True)
class Exited:
    """The process is gone. `failure` and `code` are what it said last about itself."""

    now: float
    failure: str
    code: str | None = None


Event = Start | Pause | Finish | Due | Reported | Exited


class Action(StrEnum):
    LAUNCH = "launch"
    DRAIN = "drain"  # tell it to drain
    END = "end"  # at once: politely, then by force


Decision = tuple[State, tuple[Action, ...]]

_LAUNCHED: Decision = (State(Stage.RUNNING), (Action.LAUNCH,))


def delay_after(crashes: int) -> float:
    """Seconds to wait after so many crashes in a row: 1, 2, 4, … at most 60."""
    return min(FIRST_DELAY * 2.0 ** min(crashes - 1, 6), LONGEST_DELAY)


def decide(state: State, event: Event) -> Decision:
    """The next state, and what is to be done now."""
    match event:
        case Start():
            return _start(state)
        case Pause():
            return _pause(state)
        case Finish():
            return _finish(state)
        case Due():
            return _due(state)
        case Reported():
            return _reported(state, event), ()
        case Exited():
            return _exited(state, event)


def _start(state: State) -> Decision:
    if state.stage is Stage.RUNNING:
        return state, ()
    if state.stage in (Stage.DRAINING, Stage.ENDING):
        return replace(state, start_again=True), ()
    return _LAUNCHED


def _pause(state: State) -> Decision:
    if state.stage in (Stage.RUNNING, Stage.DRAINING):
        return replace(state, stage=Stage.ENDING, start_again=False), (Action.END,)
    if state.stage is Stage.ENDING:
        return replace(state, start_again=False), ()
    return State(), ()


def _finish(state: State) -> Decision:
    """A process that is not online has nobody to serve to the end."""
    if state.stage is Stage.RUNNING and state.online_since is not None:
        return replace(state, stage=Stage.DRAINING), (Action.DRAIN,)
    if state.stage is Stage.DRAINING:
        return replace(state, start_again=False), ()
    return _pause(state)


def _due(state: State) -> Decision:
    if state.stage is not Stage.BACKING_OFF:
        return state, ()
    running = replace(state, stage=Stage.RUNNING, online_since=None, restart_at=None, reason=None)
    return running, (Action.LAUNCH,)


def _reported(state: State, event: Reported) -> State:
    if state.online_since is None and event.report.phase is ServerPhase.ONLINE:
        return replace(state, online_since=event.now)
    return state


def _exited(state: State, event: Exited) -> Decision:
    if state.stage in (Stage.DRAINING, Stage.ENDING):
        return _LAUNCHED if state.start_again else (State(), ())
    if state.stage is not Stage.RUNNING:
        return state, ()
    return (_lonely if event.code == UNREACHABLE else _crashed)(state, event), ()


def _lonely(state: State, event: Exited) -> State:
    lonely = 1 if state.online_since is not None else state.lonely + 1
    return State(
        Stage.BACKING_OFF,
        crashes=state.crashes,
        lonely=lonely,
        restart_at=event.now + delay_after(lonely),
        reason=Reason.SWARM_UNREACHABLE,
        detail=event.failure,
    )


def _crashed(state: State, event: Exited) -> State:
    stable = state.online_since is not None and event.now - state.online_since >= STABLE_AFTER
    crashes = 1 if stable else state.crashes + 1
    fatal = FATAL.get(event.code or "")
    if fatal is None and crashes >= MAX_CRASHES:
        fatal = Reason.CRASHED_TOO_OFTEN
    if fatal is not None:
        return State(Stage.FAILED, crashes=crashes, reason=fatal, detail=event.failure, code=event.code)
    restart_at = event.now + delay_after(crashes)
    return State(Stage.BACKING_OFF, crashes=crashes, restart_at=restart_at, detail=event.failure)
