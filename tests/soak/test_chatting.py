"""A client that compares: what it takes for right, and what for wrong or lost."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest

from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.api.schema import AnswerReport
from engine.errors import MissingLayers, SessionLost
from engine.generate.events import Finished, ReplyEvent, TextPiece
from engine.route.session import SessionSettings
from engine.soak import chatting
from engine.soak.chatting import Chat
from engine.soak.coverage import Coverage
from engine.soak.references import Expected
from engine.soak.report import Recovery, SoakReport
from engine.soak.tally import Tally

REQUEST = ChatRequest(model="m", messages=(ChatMessage(role="user", content="Hi."),), max_tokens=3)
PIECES = (TextPiece("So", 1), TextPiece(" it", 2), TextPiece(" is", 3))
RIGHT = Expected(REQUEST, (5, 6, 7), PIECES, "length")
REPORT = AnswerReport(
    tokens_per_s=1.0, seconds_to_first_token=0.1, trips=3, replayed_spans=1, reused_prompt_tokens=0, hops=()
)
END = Finished("length", 4, 3, REPORT)
WHOLE: tuple[ReplyEvent, ...] = (*PIECES, END)


class ScriptedReplies:
    """Gives the same events to every request, then raises `error`, then ends the chats."""

    def __init__(self, events: Sequence[ReplyEvent], error: Exception | None = None) -> None:
        self._events = events
        self._error = error
        self.chat: Chat

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        self.chat.is_going_on = False
        for event in self._events:
            yield event
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chatting, "STUCK_SECONDS", 0.1)
    monkeypatch.setattr(chatting, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(chatting, "CANCEL_SHARE", 0.0)
    monkeypatch.setattr(chatting, "HANG_UP_SHARE", 0.0)
    monkeypatch.setattr(chatting, "AGAIN_SHARE", 0.0)


async def tally_of(
    events: Sequence[ReplyEvent],
    error: Exception | None = None,
    *,
    expected: Expected = RIGHT,
    up: bool = True,
) -> Tally:
    """One answer, with a chain that has always existed or never has."""
    coverage, tally = Coverage([(0, 4)], 4), Tally()
    coverage.note(-1000.0, 0, up)
    replies = ScriptedReplies(events, error)
    clock = iter(range(10**6))
    replies.chat = Chat(0, 0, replies, [[expected]], coverage, tally, SessionSettings(), lambda: next(clock))
    await replies.chat.run()
    return tally


def is_clean(tally: Tally) -> bool:
    return SoakReport("m", 0, 1.0, 4, 1, tally, [], Recovery.of([]), left=[]).is_clean


async def test_an_answer_that_is_the_local_models_counts_as_right():
    tally = await tally_of(WHOLE)
    assert (tally.right, tally.pieces, tally.replaced_spans) == (1, 3, 1)
    assert is_clean(tally)


@pytest.mark.parametrize(
    "events",
    [
        (TextPiece("No", 1), *WHOLE[1:]),
        (*WHOLE[:2], TextPiece(" is", 4), END),
        (PIECES[0], PIECES[0], *WHOLE[1:]),
        (*PIECES, TextPiece(" more", 4), END),
        (*PIECES[:2], END),
        (*PIECES, replace(END, reason="stop")),
        (*PIECES, replace(END, completion_tokens=2)),
    ],
)
async def test_any_difference_from_the_local_model_makes_a_soak_fail(events):
    tally = await tally_of(events)
    assert len(tally.wrong) == 1
    assert not is_clean(tally)


async def test_the_right_answer_to_a_wrong_expectation_makes_a_soak_fail():
    wrong = replace(RIGHT, pieces=(*PIECES[:2], TextPiece(" was", 3)))
    assert not is_clean(await tally_of(WHOLE, expected=wrong))


@pytest.mark.parametrize("error", [SessionLost("Lost."), MissingLayers("m", ((0, 4),), 4)])
async def test_an_error_while_a_chain_exists_is_a_lost_reply(error):
    tally = await tally_of(PIECES[:1], error)
    assert len(tally.lost) == 1
    assert not is_clean(tally)


async def test_an_answer_that_never_goes_on_is_a_lost_reply():
    assert len((await tally_of(PIECES[:1])).lost) == 1


async def test_missing_layers_while_they_are_missing_are_no_fault():
    tally = await tally_of(PIECES[:1], MissingLayers("m", ((0, 4),), 4), up=False)
    assert (len(tally.without_chain), tally.lost) == (1, [])
    assert not is_clean(tally)  # a soak without a single right answer proves nothing


async def test_a_client_that_hangs_up_has_lost_nothing(monkeypatch):
    monkeypatch.setattr(chatting, "HANG_UP_SHARE", 1.0)
    monkeypatch.setattr(chatting, "HANG_UP_SECONDS", 0.02)
    tally = await tally_of(PIECES[:1])
    assert (tally.cancelled, tally.lost) == (1, [])


async def test_a_cancelled_answer_is_right_as_far_as_it_went(monkeypatch):
    monkeypatch.setattr(chatting, "CANCEL_SHARE", 1.0)
    tally = await tally_of(WHOLE)
    assert (tally.right, tally.cancelled, tally.wrong) == (0, 1, [])
