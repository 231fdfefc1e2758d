"""Clients that talk to the swarm all the time and compare every piece of every answer."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from engine.api.openai_schema import ChatRequest
from engine.errors import MissingLayers, PotluckError
from engine.generate.events import Finished, ReplyEvent, TextPiece
from engine.route.session import SessionSettings
from engine.soak.coverage import Coverage, is_fault
from engine.soak.references import Expected
from engine.soak.tally import Answer, Tally

log = logging.getLogger("potluck.soak")

STUCK_SECONDS = 90.0  # without a piece or an error: longer than all waits of a session together
CANCEL_SHARE = 0.15  # after some pieces
HANG_UP_SHARE = 0.1  # at any time, as when a window is closed
HANG_UP_SECONDS = 3.0  # at most, after the request
AGAIN_SHARE = 0.15  # the same question once more, as a regenerated answer

PAUSE_SECONDS = 0.5  # after an error

Conversation = Sequence[Expected]


class Replier(Protocol):
    """The part of `engine.generate.replies.Replies` that a client needs."""

    def reply(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]: ...


class WrongPiece(Exception):
    """An answer differs from the local model's. The text says where."""


@dataclass(frozen=True)
class Patience:
    """How much of an answer a client waits for. None: all of it."""

    pieces: int | None = None
    seconds: float | None = None


class Chat:
    """One client. It goes on until it is told to pause, and ends between two answers."""

    def __init__(
        self,
        number: int,
        seed: int,
        replies: Replier,
        conversations: Sequence[Conversation],
        coverage: Coverage,
        tally: Tally,
        settings: SessionSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._number = number
        self._rng = random.Random(f"{seed} {number}")
        self._replies = replies
        self._conversations = conversations
        self._coverage = coverage
        self._tally = tally
        self._settings = settings
        self._clock = clock
        self.is_going_on = True

    async def run(self) -> None:
        while self.is_going_on:
            for expected in self._rng.choice(self._conversations):
                if not self.is_going_on:
                    return
                await self._ask(expected, self._patience(expected))
                if self._rng.random() < AGAIN_SHARE:
                    await self._ask(expected, Patience())

    def _patience(self, expected: Expected) -> Patience:
        pieces, seconds = 1 + self._rng.randrange(len(expected.pieces)), self._rng.uniform(0, HANG_UP_SECONDS)
        chance = self._rng.random()
        if chance < CANCEL_SHARE:
            return Patience(pieces=pieces)
        return Patience(seconds=seconds) if chance < CANCEL_SHARE + HANG_UP_SHARE else Patience()

    async def _ask(self, expected: Expected, patience: Patience) -> None:
        answer = Answer(self._number, self._clock())
        self._tally.answers.append(answer)
        try:
            is_whole = await self._listen(expected, answer, patience)
        except WrongPiece as error:
            self._tally.wrong.append(f"{self._said(answer)}: {error}")
        except (PotluckError, TimeoutError) as error:
            self._judge(error, answer)
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            self._tally.right += is_whole
            self._tally.cancelled += not is_whole
            self._tally.pieces += len(answer.token_times)
            self._tally.replaced_spans += answer.replaced_spans

    async def _listen(self, expected: Expected, answer: Answer, patience: Patience) -> bool:
        """Whether the answer came to its end. Raises WrongPiece, what the swarm raised, or TimeoutError."""
        hang_up = asyncio.timeout(patience.seconds)
        try:
            async with hang_up:
                return await self._compare(expected, answer, patience.pieces)
        except TimeoutError:
            if not hang_up.expired():
                raise
            return False

    async def _compare(self, expected: Expected, answer: Answer, pieces: int | None) -> bool:
        """As `_listen`; False after so many pieces."""
        taken = 0
        async with aclosing(self._replies.reply(expected.request)) as events:
            while taken != pieces:
                async with asyncio.timeout(STUCK_SECONDS):
                    event = await anext(events)
                if isinstance(event, Finished):
                    _check_end(event, expected, taken)
                    answer.replaced_spans = event.report.replayed_spans
                    return True
                _check_piece(event, expected, taken)
                answer.token_times.append(self._clock())
                taken += 1
        return False

    def _judge(self, error: Exception, answer: Answer) -> None:
        """An answer has failed: whether that could be helped."""
        settings = self._settings
        waited = settings.repair_wait_seconds if answer.token_times else settings.opening_wait_seconds
        named = error.gaps if isinstance(error, MissingLayers) else None
        fault = is_fault(self._coverage, self._clock(), waited, named)
        sentence = f"{self._said(answer)}: {type(error).__name__}: {error}"
        log.info("%s (%s)", sentence, fault or "no chain existed")
        if fault is None:
            self._tally.without_chain.append(sentence)
        else:
            self._tally.lost.append(f"{sentence} ({fault})")

    def _said(self, answer: Answer) -> str:
        seconds = self._clock() - answer.started
        return f"chat {self._number}, {len(answer.token_times)} pieces in {seconds:.1f} s"


def _check_piece(piece: TextPiece, expected: Expected, index: int) -> None:
    right = expected.pieces[index] if index < len(expected.pieces) else None
    if piece != right:
        raise WrongPiece(f"piece {index + 1} is {piece}, not {right}")


def _check_end(end: Finished, expected: Expected, taken: int) -> None:
    got = (taken, end.completion_tokens, end.reason)
    right = (len(expected.pieces), len(expected.tokens), expected.reason)
    if got != right:
        raise WrongPiece(f"it ended with (pieces, tokens, reason) {got}, not {right}")
