import dataclasses

import pytest

from engine.api.schema import Condition, ModelInfo, Reason, ServerPhase
from engine.condition import Facts, Fetching, PostFacts, Preparation, Span, condition
from engine.donation import Donation, Wish
from engine.errors import BadModelFile, DiskFull, NotEnoughMemory, PartsMissing
from engine.host.orders import Report
from engine.manners.judge import GRACE
from engine.supervisor.decide import Stage, State
from engine.supervisor.supervisor import View

GIVE = Donation(wish=Wish.GIVE)
PAUSED = Donation(wish=Wish.PAUSE)
TINY = ModelInfo(name="tiny", digest="0" * 64, n_layers=10, context=8, local=True)


def view(stage: Stage, phase: ServerPhase | None = None, sessions: int = 0, **state) -> View:
    report = Report(phase=phase, sessions=sessions) if phase else None
    return View(State(stage, **state), 1 if report else None, report)


ONLINE = view(Stage.RUNNING, ServerPhase.ONLINE)
READY = Facts(
    donation=GIVE,
    preparation=Preparation("tiny", 100, done=True),
    now=100.0,
    in_swarm=True,
)
POST = PostFacts(ONLINE, Span("tiny", 0, 4, 10))
NEXT = Span("tiny", 4, 8, 10)
OF_POST = {field.name for field in dataclasses.fields(PostFacts)}


def facts(changes: dict) -> Facts:
    """Of a ready engine with one device, but for these changes of either."""
    own = {name: value for name, value in changes.items() if name not in OF_POST}
    post = dataclasses.replace(POST, **{name: changes[name] for name in OF_POST & set(changes)})
    return dataclasses.replace(READY, posts=(post,), **own)


TABLE = [
    # what differs from a ready engine, and the sentence
    ({}, Reason.READY, "Ready: layers 1–4 of 10 of tiny, nobody needs them right now"),
    (
        {"view": view(Stage.RUNNING, ServerPhase.ONLINE, sessions=2)},
        Reason.SERVING,
        "Giving: layers 1–4 of 10 of tiny, 2 in use now",
    ),
    (
        {"model": TINY},
        Reason.MISSING_LAYERS,
        "Waiting: tiny still needs 6 of its 10 layers (5–10)",
    ),
    (
        {"model": TINY.model_copy(update={"covered": ((5, 7), (8, 10))})},
        Reason.MISSING_LAYERS,
        "Waiting: tiny still needs 2 of its 10 layers (5, 8)",
    ),
    (
        {"model": TINY.model_copy(update={"covered": ((5, 10),)})},
        Reason.MISSING_LAYERS,
        "Waiting: tiny still needs 1 of its 10 layers (5)",
    ),
    ({"model": TINY.model_copy(update={"covered": ((4, 10),)})}, Reason.READY, None),
    (
        {"view": view(Stage.RUNNING, ServerPhase.LOADING)},
        Reason.LOADING,
        "Loading layers 1–4 of 10 of tiny",
    ),
    ({"view": view(Stage.RUNNING, ServerPhase.STARTING)}, Reason.STARTING, "Starting"),
    (
        {"view": view(Stage.RUNNING, ServerPhase.CHOOSING)},
        Reason.CHOOSING,
        "Seeing what others take before it takes layers 1–4 of 10 of tiny",
    ),
    ({"view": view(Stage.RUNNING, ServerPhase.JOINING)}, Reason.STARTING, "Starting"),
    (
        {"moves_to": NEXT, "why_move": "Nobody serves layers 5–8."},
        Reason.MOVING,
        "Moving to layers 5–8 of 10 of tiny: nobody serves layers 5–8",
    ),
    ({"moves_to": NEXT, "why_move": "CPUs are rare."}, Reason.MOVING, None),
    ({"view": view(Stage.RUNNING)}, Reason.STARTING, "Starting"),
    ({"view": view(Stage.STOPPED), "span": None}, Reason.STARTING, "Starting"),
    (
        {"view": view(Stage.BACKING_OFF, crashes=2, restart_at=101.5)},
        Reason.RESTARTING,
        "Restarting in 2 s: the block server stopped unexpectedly",
    ),
    (
        {
            "view": view(
                Stage.BACKING_OFF,
                lonely=9,
                restart_at=101.5,
                reason=Reason.SWARM_UNREACHABLE,
                detail="No one.",
            )
        },
        Reason.SWARM_UNREACHABLE,
        "Waiting: No one",
    ),
    (
        {"view": view(Stage.FAILED, crashes=5, reason=Reason.CRASHED_TOO_OFTEN, detail="it fell.")},
        Reason.CRASHED_TOO_OFTEN,
        "Stopped: the block server crashed 5 times in a row (it fell)",
    ),
    (
        {"view": view(Stage.FAILED, crashes=1, reason=Reason.DISK_FULL, detail="The disk is full.")},
        Reason.DISK_FULL,
        "Stopped: The disk is full",
    ),
    (
        {"view": view(Stage.STOPPED), "plan_failure": NotEnoughMemory("Too little memory.")},
        Reason.NOT_ENOUGH_MEMORY,
        "Stopped: Too little memory",
    ),
    ({"plan_failure": NotEnoughMemory("Too little memory.")}, Reason.READY, None),
    ({"view": view(Stage.DRAINING, ServerPhase.DRAINING, sessions=3)}, Reason.STARTING, "Starting"),
    (
        {"view": view(Stage.DRAINING, ServerPhase.DRAINING, sessions=3), "donation": PAUSED},
        Reason.FINISHING,
        "Finishing: 3 in use, then pausing",
    ),
    ({"view": view(Stage.DRAINING, ServerPhase.DRAINING, start_again=True)}, Reason.STARTING, "Starting"),
    ({"view": view(Stage.ENDING), "donation": PAUSED}, Reason.PAUSED_BY_OWNER, "Paused until you resume"),
    (
        {"donation": Donation(), "view": view(Stage.STOPPED)},
        Reason.NEVER_STARTED,
        "Not giving yet: press Start",
    ),
    (
        {"preparation": Preparation("tiny", 42), "donation": PAUSED},
        Reason.PREPARING_MODEL,
        "Preparing tiny: 42 %",
    ),
    (
        {"preparation": Preparation("tiny", failure=BadModelFile("It is broken."))},
        Reason.MODEL_BROKEN,
        "Stopped: It is broken",
    ),
    (
        {"preparation": Preparation("tiny", failure=DiskFull("No room."))},
        Reason.DISK_FULL,
        "Stopped: No room",
    ),
    (
        {"view": view(Stage.STOPPED), "fetching": Fetching(30, 120, peers=2)},
        Reason.FETCHING_LAYERS,
        "Getting layers 1–4 of 10 of tiny: 25 %",
    ),
    (
        {"view": view(Stage.STOPPED), "fetch_failure": PartsMissing("Nobody has layer 3: wait.")},
        Reason.LAYERS_UNAVAILABLE,
        "Waiting: Nobody has layer 3: wait",
    ),
    (
        {"view": view(Stage.STOPPED), "fetch_failure": DiskFull("No room.")},
        Reason.DISK_FULL,
        "Stopped: No room",
    ),
    ({"preparation": Preparation("tiny", 100), "in_swarm": False}, Reason.STARTING, "Starting"),
    (
        {"preparation": Preparation("tiny", 100), "in_swarm": False, "swarm_failure": "Nobody answers."},
        Reason.SWARM_UNREACHABLE,
        "Waiting: Nobody answers",
    ),
    ({"in_swarm": False}, Reason.STARTING, "Starting"),
    (
        {"in_swarm": False, "swarm_failure": "Nobody answers."},
        Reason.SWARM_UNREACHABLE,
        "Waiting: Nobody answers",
    ),
]


@pytest.mark.parametrize(("changes", "reason", "sentence"), TABLE)
def test_table(changes, reason, sentence):
    said = condition(facts(changes))
    assert said.reason is reason
    assert sentence is None or said.sentence == sentence


ALONE = dataclasses.replace(POST, model=TINY)
LACKING = dataclasses.replace(POST, model=TINY.model_copy(update={"covered": ((4, 6),)}))
LOADING = dataclasses.replace(POST, view=view(Stage.RUNNING, ServerPhase.LOADING), device="RTX 1")
SERVING = dataclasses.replace(POST, view=view(Stage.RUNNING, ServerPhase.ONLINE, sessions=2))
BROKEN = dataclasses.replace(
    POST, view=view(Stage.FAILED, reason=Reason.DISK_FULL, detail="No room."), device="RTX 2"
)
DRAINING = dataclasses.replace(POST, view=view(Stage.DRAINING, ServerPhase.DRAINING, sessions=2))


@pytest.mark.parametrize(
    ("posts", "reason"),
    [
        ((LOADING, LOADING), Reason.LOADING),
        ((LOADING, BROKEN), Reason.DISK_FULL),
        ((ALONE, LACKING), Reason.MISSING_LAYERS),
        ((), Reason.STARTING),
    ],
)
def test_of_several_devices_the_most_important_word_counts(posts, reason):
    assert condition(dataclasses.replace(READY, posts=posts)).reason is reason


SEVERAL = [
    ((POST, POST), Reason.READY_SEVERAL, "Ready: 8 layers with 2 devices, nobody needs them right now"),
    ((POST, SERVING), Reason.SERVING_SEVERAL, "Giving: 8 layers with 2 devices, 2 in use now"),
    (
        (SERVING, LOADING, SERVING),
        Reason.GIVING_PARTLY,
        "Giving with 2 of 3 devices; RTX 1 – loading layers 1–4 of 10 of tiny",
    ),
    (
        (LOADING, BROKEN, POST),
        Reason.FAILING_PARTLY,
        "Giving with 1 of 3 devices; RTX 2 – stopped: No room",
    ),
]


@pytest.mark.parametrize(("posts", "reason", "sentence"), SEVERAL)
def test_several_devices_are_summed_up_and_the_worst_is_named(posts, reason, sentence):
    said = condition(dataclasses.replace(READY, posts=posts))
    assert (said.reason, said.sentence) == (reason, sentence)


def test_of_devices_that_lack_others_layers_the_one_that_lacks_most_is_named():
    said = condition(dataclasses.replace(READY, posts=(LACKING, ALONE)))
    assert said.values["missing"] == 6


def test_the_last_answers_of_all_devices_are_counted():
    said = condition(dataclasses.replace(READY, donation=PAUSED, posts=(DRAINING, DRAINING, POST)))
    assert said.sentence == "Finishing: 4 in use, then pausing"


def test_a_pause_with_an_end_names_it():
    said = condition(dataclasses.replace(READY, donation=Donation(wish=Wish.PAUSE, until=1e9)))
    assert said.reason is Reason.PAUSED_UNTIL
    assert len(said.sentence) == len("Paused until 12:34")


ELSEWHERE = {Reason.ENGINE_UNREACHABLE, Reason.PAUSED_UNCERTAIN, *GRACE}  # said by a client, and by rules


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in ELSEWHERE])
def test_the_table_knows_every_reason(reason):
    seen = {row[1] for row in (*TABLE, *SEVERAL)} | {Reason.PAUSED_UNTIL}
    assert reason in seen


ON_BATTERY = Condition(reason=Reason.PAUSED_ON_BATTERY)


def test_what_the_owners_rules_say_is_said_while_the_owner_wants_to_give():
    assert condition(facts({"kept": ON_BATTERY})).sentence == "Paused: on battery"
    finishing = facts({"kept": ON_BATTERY, "view": view(Stage.DRAINING, ServerPhase.DRAINING, sessions=2)})
    assert condition(finishing).reason is Reason.FINISHING


@pytest.mark.parametrize("kept", [None, ON_BATTERY])
@pytest.mark.parametrize(
    ("donation", "reason"),
    [
        (PAUSED, Reason.PAUSED_BY_OWNER),
        (PAUSED.model_copy(update={"until": 1e9}), Reason.PAUSED_UNTIL),
        (Donation(), Reason.NEVER_STARTED),
    ],
)
def test_the_owners_wish_wins_over_all_rules(donation, reason, kept):
    assert condition(facts({"donation": donation, "kept": kept})).reason is reason
