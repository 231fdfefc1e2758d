"""Sentences and figures for people."""

import pytest

from desktop.app_state import AppState, Trouble, sentence_of
from desktop.chat import wording as chat
from desktop.chat.store import Message, MessageState
from desktop.sharing import wording as home
from engine.api.condition_schema import SENTENCE_OF
from engine.api.schema import Activity, AnswerReport, Condition, HopReport, ModelInfo, Reason
from engine.api.sentences import ENGLISH
from engine.api.store_schema import TransferKind
from tests.desktop.fake_engine import ARRIVING, OWN_PEER, REPORT, SERVER, make_snapshot


def model(covered: tuple[tuple[int, int], ...]) -> ModelInfo:
    return ModelInfo(name="m", digest="d", n_layers=10, context=10, local=False, covered=covered)


@pytest.mark.parametrize(
    ("covered", "health"),
    [
        (((0, 10),), "complete"),
        (((0, 4), (5, 10)), "layer 5 is missing"),
        (((0, 4), (6, 8)), "layers 5–6, 9–10 are missing"),
        ((), "nobody serves it now"),
    ],
)
def test_health_is_said_in_layers_counted_from_one(covered: tuple[tuple[int, int], ...], health: str) -> None:
    assert chat.health_of(model(covered)) == health


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (8, 16, "Layers 9–16 of 30 of tiny-chat"),
        (0, 30, "All 30 layers of tiny-chat"),
        (4, 5, "Layer 5 of 30 of tiny-chat"),
    ],
)
def test_the_span_is_said_in_plain_words(start: int, end: int, words: str) -> None:
    assert home.span_of(SERVER.model_copy(update={"start": start, "end": end})) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Fetching layers 9–16 of tiny-chat · 452 MB of 1.2 GB · 11 MB/s from 3 computers · 1 min left"),
        (
            {"layers": (4, 5), "peers": 1, "bytes_per_s": 30_000_000},
            "Fetching layer 5 of tiny-chat · 452 MB of 1.2 GB · 30 MB/s from 1 computer · 26 s left",
        ),
        ({"layers": None, "bytes_per_s": 0}, "Fetching tiny-chat · 452 MB of 1.2 GB"),
        (
            {"kind": TransferKind.VERIFY, "model": "", "peers": 0},
            "Checking all layers · 452 MB of 1.2 GB · 11 MB/s · 1 min left",
        ),
        ({"total_bytes": 0, "layers": None}, "Fetching tiny-chat · looking at it"),
        (
            {"kind": TransferKind.IMPORT, "layers": None, "model": "hub:ada/tiny", "total_bytes": 0},
            "Importing ada/tiny · looking at it",
        ),
    ],
)
def test_what_is_on_its_way(changes: dict[str, object], words: str) -> None:
    assert home.transfer_in_words(ARRIVING[0].model_copy(update=changes)) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_500, "1.5 KB"),
        (3_400_000_000, "3.4 GB"),
        (12_500_000, "12 MB"),
        (48 * 10**12, "48 TB"),
    ],
)
def test_bytes(count: int, words: str) -> None:
    assert home.bytes_in_words(count) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (7, "7"),
        (9_999, "9\u202f999"),
        (23_040, "23 thousand"),
        (999_499, "999 thousand"),
        (999_999, "1.0 million"),
        (48_211_968, "48.2 million"),
        (2_500_000_000, "2.5 billion"),
        (60_000_000, "60 million"),
        (999_960_000, "1.0 billion"),
    ],
)
def test_counts(count: int, words: str) -> None:
    assert home.count_in_words(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 min"), (3599, "59 min"), (3600 * 3 + 300, "3 h 05 min")]
)
def test_times(seconds: float, words: str) -> None:
    assert home.time_in_words(seconds) == words


def answer(**values: object) -> Message:
    plain = Message(1, 1, None, "assistant", "x", MessageState.DONE, "", "m", None, None)
    return Message(**{**plain.__dict__, **values})


def test_an_answers_figures() -> None:
    assert chat.figures_of(answer(tokens=212, report=REPORT)) == (
        "18.4 tokens/s · first token after 0.7 s · 212 tokens · m"
    )
    assert chat.figures_of(answer()) == ""
    first = AnswerReport(tokens=1, seconds_to_first_token=0.7)
    assert chat.figures_of(answer(tokens=1, report=first)) == "first token after 0.7 s · 1 token · m"


def test_one_step_is_no_steps() -> None:
    hop = HopReport(peer=OWN_PEER, start=0, end=30, steps=1, seconds=0.5, compute_seconds=0.4)
    assert chat.hop_details(hop) == "0.40 s computing, 0.10 s on the way, 1 step"


def test_who_served_and_where_the_time_went() -> None:
    assert chat.servers_of(REPORT, OWN_PEER) == "Served by 2 peers"
    assert chat.route_of(REPORT, OWN_PEER).splitlines() == [
        "Layers 1–8 · this computer: 2.00 s computing, 0.10 s on the way, 212 steps",
        "Layers 9–30 · …7fQx2kVd: 6.90 s computing, 1.40 s on the way, 212 steps",
    ]
    own = AnswerReport(hops=(HopReport(peer=OWN_PEER, start=0, end=30, precisions=(("int8", 30),)),))
    assert chat.route_of(own, OWN_PEER).startswith("Layers 1–30 · this computer: int8 · 0.00 s")
    assert chat.servers_of(own, OWN_PEER) == "Served by this computer"


@pytest.mark.parametrize(
    ("state", "notice"),
    [
        (MessageState.DONE, ""),
        (MessageState.BROKEN, "Because."),
        (MessageState.STOPPED, "You stopped this answer."),
        (MessageState.CLOSED, "Potluck was closed before this answer was complete."),
        (MessageState.CUT, "The answer reached its length limit."),
    ],
)
def test_why_an_answer_is_not_whole(state: MessageState, notice: str) -> None:
    assert (
        chat.notice_of(answer(state=state, reason="Because." if state is MessageState.BROKEN else ""))
        == notice
    )


def test_a_huge_question_is_shown_in_part() -> None:
    assert chat.excerpt_of("x" * 8_000) == "x" * 8_000
    assert chat.excerpt_of("x" * 8_500) == "x" * 8_000 + "\n… and 500 more characters"


def test_privacy_is_said_as_it_is() -> None:
    assert "stays here" in chat.privacy_of(True)
    assert "can learn about what you send" in chat.privacy_of(False)
    assert chat.privacy_of(None) == "Waiting for the engine"


VALUES = dict.fromkeys(
    ("first", "last", "n_layers", "model", "sessions", "percent", "missing", "ranges", "seconds"), 7
) | {
    "crashes": 5,
    "detail": "so.",
    "why": "nobody serves them",
    "app": "steam",
    "card": "RTX",
    "celsius": 84,
    "layers": 12,
    "devices": 3,
    "giving": 2,
    "device": "RTX",
    "what": "Starting.",
    "limit": 9_000_000_000,
    "until": "07:00",
}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_sentence(reason: Reason) -> None:
    condition = Condition(reason=reason, values=VALUES)
    assert sentence_of(condition) == ENGLISH.format(SENTENCE_OF[reason], **VALUES)


def test_the_state_says_one_thing_at_a_time() -> None:
    state = AppState()
    assert state.activity is Activity.WAITING
    state.show(make_snapshot())
    assert state.activity is Activity.DONATING
    state.lost(Trouble("Gone."))
    assert (state.activity, state.sentence, state.models) == (Activity.PROBLEM, "Gone.", ())


def test_the_state_tells_of_changes_only() -> None:
    state, told = AppState(), []
    state.changed.connect(lambda: told.append(state.sentence))
    for _ in range(3):
        state.show(make_snapshot())
    assert len(told) == 1
