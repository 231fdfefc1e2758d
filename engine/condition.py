"""The one true sentence: from all that is known to a reason with its values. Pure."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.api.schema import Activity, Condition, ModelInfo, Reason, ServerPhase
from engine.donation import Donation, Wish
from engine.errors import PotluckError
from engine.layer_ranges import in_words
from engine.supervisor.decide import FATAL, Stage
from engine.supervisor.supervisor import View


@dataclass(frozen=True)
class Preparation:
    """The model on its way into the layer store."""

    model: str
    percent: int | None = None  # None: not begun
    done: bool = False
    failure: PotluckError | None = None


@dataclass(frozen=True)
class Fetching:
    """Layers on their way into the layer store."""

    done_bytes: int
    total_bytes: int
    peers: int  # computers that send them


@dataclass(frozen=True)
class Span:
    """The layers that a device serves, or is about to."""

    model: str
    start: int
    end: int
    n_layers: int
    digest: str = ""  # of the model


@dataclass(frozen=True)
class PostFacts:
    """Of one device that gives, or is about to."""

    view: View
    span: Span | None = None
    model: ModelInfo | None = None  # what the swarm has of the served model
    fetching: Fetching | None = None
    fetch_failure: PotluckError | None = None
    moves_to: Span | None = None
    why_move: str = ""  # one sentence
    device: str = ""  # for people


@dataclass(frozen=True)
class Facts:
    donation: Donation
    preparation: Preparation
    now: float  # of the supervisor's clock
    in_swarm: bool = False
    swarm_failure: str | None = None
    plan_failure: PotluckError | None = None
    posts: tuple[PostFacts, ...] = ()
    kept: Condition | None = None  # from giving, by the owner's rules


# What one device has to say comes before what another one has.
_IMPORTANCE = (Activity.PROBLEM, Activity.DONATING, Activity.WAITING, Activity.IDLE, Activity.PAUSED)


_ONLINE = (Reason.SERVING, Reason.READY, Reason.MISSING_LAYERS)  # of one device


def condition(facts: Facts) -> Condition:
    return _not_yet(facts) or _not_giving(facts) or _giving(facts)


def _not_yet(facts: Facts) -> Condition | None:
    """What keeps the engine from chatting and from giving."""
    preparation = facts.preparation
    if preparation.failure is not None:
        return _failed(preparation.failure)
    if not preparation.done and preparation.percent is not None and preparation.percent < 100:
        return _of(Reason.PREPARING_MODEL, model=preparation.model, percent=preparation.percent)
    if facts.swarm_failure is not None:
        return _of(Reason.SWARM_UNREACHABLE, detail=facts.swarm_failure)
    if not preparation.done:
        return _of(Reason.STARTING)
    return None if facts.in_swarm else _of(Reason.STARTING)


def _not_giving(facts: Facts) -> Condition | None:
    donation = facts.donation
    finishing = [post for post in facts.posts if _finishes(post.view)]
    if finishing and (facts.kept or not donation.wanted):
        return _of(Reason.FINISHING, sessions=sum(map(_sessions, finishing)))
    if donation.wish is Wish.NEVER_ASKED:
        return _of(Reason.NEVER_STARTED)
    if donation.wish is Wish.GIVE:
        return facts.kept
    if donation.until is None:
        return _of(Reason.PAUSED_BY_OWNER)
    return _of(Reason.PAUSED_UNTIL, until=_clock_time(donation.until))


def _finishes(view: View) -> bool:
    return view.state.stage is Stage.DRAINING and not view.state.start_again


def _giving(facts: Facts) -> Condition:
    if facts.plan_failure is not None and not any(post.view.pid for post in facts.posts):
        return _failed(facts.plan_failure)
    said = [(post, _at_post(post, facts.now)) for post in facts.posts]
    online = [post for post, each in said if each.reason in _ONLINE]
    if len(said) > 1 and len(online) == len(said):
        return _together(online, said)
    return _partly(len(online), said) if online and len(said) > 1 else _worst(said)[1]


def _worst(said: Sequence[tuple[PostFacts, Condition]]) -> tuple[PostFacts | None, Condition]:
    """What the owner should know first."""
    nothing = (None, _of(Reason.STARTING))
    return min(said, key=lambda each: _IMPORTANCE.index(each[1].activity), default=nothing)


def _together(online: Sequence[PostFacts], said: Sequence[tuple[PostFacts, Condition]]) -> Condition:
    """Of several devices that all serve."""
    layers = sum(post.span.end - post.span.start for post in online if post.span)
    sessions = sum(map(_sessions, online))
    if sessions:
        return _of(Reason.SERVING_SEVERAL, layers=layers, devices=len(online), sessions=sessions)
    missing = [each for _, each in said if each.reason is Reason.MISSING_LAYERS]
    if missing:
        return max(missing, key=lambda each: each.values["missing"])
    return _of(Reason.READY_SEVERAL, layers=layers, devices=len(online))


def _partly(giving: int, said: Sequence[tuple[PostFacts, Condition]]) -> Condition:
    """Some devices serve; of the others, the worst is named."""
    post, what = _worst([(post, each) for post, each in said if each.reason not in _ONLINE])
    fails = what.activity is Activity.PROBLEM
    return _of(
        Reason.FAILING_PARTLY if fails else Reason.GIVING_PARTLY,
        giving=giving,
        devices=len(said),
        device=post.device if post else "",
        what=what.sentence,
    )


def _at_post(post: PostFacts, now: float) -> Condition:
    if post.moves_to is not None:
        return _of(Reason.MOVING, **_layers(post.moves_to), why=post.why_move)
    return _fetching(post) or _serving(post, now)


def _fetching(post: PostFacts) -> Condition | None:
    failure = post.fetch_failure
    if failure is not None and failure.code in FATAL:
        return _failed(failure)
    if failure is not None:
        return _of(Reason.LAYERS_UNAVAILABLE, detail=str(failure))
    if post.fetching is not None and post.span is not None:
        return _of(Reason.FETCHING_LAYERS, **_layers(post.span), **_fetched(post.fetching))
    return None


def _serving(post: PostFacts, now: float) -> Condition:
    state, report = post.view.state, post.view.report
    if state.stage in (Stage.FAILED, Stage.BACKING_OFF) and state.reason is not None:
        return _of(state.reason, detail=state.detail, crashes=state.crashes)
    if state.stage is Stage.BACKING_OFF and state.restart_at is not None:
        return _of(Reason.RESTARTING, seconds=max(0, math.ceil(state.restart_at - now)))
    if state.stage is not Stage.RUNNING or report is None or post.span is None:
        return _of(Reason.STARTING)
    if report.phase is ServerPhase.ONLINE:
        return _online(post, post.span)
    return _of(_BEFORE_ONLINE.get(report.phase, Reason.STARTING), **_layers(post.span))


_BEFORE_ONLINE = {ServerPhase.CHOOSING: Reason.CHOOSING, ServerPhase.LOADING: Reason.LOADING}


def _online(post: PostFacts, span: Span) -> Condition:
    sessions = _sessions(post)
    if sessions:
        return _of(Reason.SERVING, **_layers(span), sessions=sessions)
    gaps = _gaps_beside(span, post.model)
    if not gaps:
        return _of(Reason.READY, **_layers(span))
    missing = sum(end - start for start, end in gaps)
    return _of(Reason.MISSING_LAYERS, **_layers(span), missing=missing, ranges=in_words(gaps))


def _gaps_beside(span: Span, model: ModelInfo | None) -> tuple[tuple[int, int], ...]:
    """Nobody's layers: our own count as served even before the directory's news say so."""
    if model is None:
        return ()
    ours = (span.start, span.end)
    return model.model_copy(update={"covered": (*model.covered, ours)}).gaps


def _failed(error: PotluckError) -> Condition:
    return _of(FATAL.get(error.code, Reason.MODEL_BROKEN), detail=str(error))


def _sessions(post: PostFacts) -> int:
    return post.view.report.sessions if post.view.report else 0


def _layers(span: Span) -> dict[str, str | int]:
    return {"first": span.start + 1, "last": span.end, "n_layers": span.n_layers, "model": span.model}


def _fetched(fetching: Fetching) -> dict[str, str | int]:
    percent = 100 * fetching.done_bytes // max(1, fetching.total_bytes)
    return {"percent": percent, "peers": fetching.peers}


def _clock_time(unix: float) -> str:
    return time.strftime("%H:%M", time.localtime(unix))


def _of(reason: Reason, **values: str | int) -> Condition:
    return Condition(reason=reason, values=values)
