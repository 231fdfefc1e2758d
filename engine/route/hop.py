"""One server's part of a session: its stream, what it was asked, what it has answered."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.api.sentences import said
from engine.errors import PeerRefused, PeerUnreachable, ProtocolViolation
from engine.route.encodings import Ends
from engine.route.history import Chunk, History
from engine.route.pace import Pace
from engine.route.plan import PlannedHop
from engine.route.settings import HopSettings
from engine.route.states import States
from engine.wire import frames
from engine.wire.messages import (
    SESSION_PROTOCOL,
    ForkOf,
    HandedOver,
    HandOver,
    Leaving,
    Message,
    OpenSession,
    PushFailed,
    Refusal,
    RefusalCode,
    SessionMessage,
    SessionOpened,
    Step,
    StepOutput,
)
from engine.wire.records import SpanRecord
from engine.wire.tensors import pack_extras


class Stream(frames.PromptStream, Protocol):
    def close(self) -> None: ...


class Dialler(Protocol):
    """The part of a swarm node that a session needs."""

    async def open(self, peer: str, protocol: str, addresses: Sequence[str] = ...) -> Stream: ...


log = logging.getLogger("potluck.route")


class HopFailed(Exception):
    """This hop's server is gone, silent, refuses, or answers nonsense. Nobody else is to blame."""

    def __init__(self, hop: "Hop", cause: Exception) -> None:
        super().__init__(f"{hop.peer}: {cause}")
        self.hop = hop
        self.cause = cause


@dataclass(frozen=True)
class Asked:
    """A step that a hop is to answer, whoever brings it."""

    number: int
    chunk: Chunk[States]  # of its hidden states, only the shape counts
    at: float  # or later, when the hop before had told its output


@dataclass(frozen=True)
class Answer:
    number: int
    chunk: Chunk[States]
    saw: str
    at: float
    compute_seconds: float


class Watcher(Protocol):
    """Whoever is told of a hop's answers."""

    def on_answer(self, hop: "Hop", answer: Answer) -> None: ...

    def on_news(self) -> None: ...

    def on_leaving(self, hop: "Hop") -> None: ...


class Hop:
    """An open session with one server for layers [start, end)."""

    def __init__(
        self,
        planned: PlannedHop,
        stream: Stream,
        ticket: str,
        ends: Ends,
        settings: HopSettings,
        pace: Pace,
    ) -> None:
        self.planned = planned
        self.ends = ends
        self.ticket = ticket
        self.outputs = History()
        self.own_from = 0  # its outputs before this position came from the server that it replaces
        self.heir_of: frozenset[str] = frozenset()  # peers whose cache it goes on from
        self.forked_at = (
            0  # its outputs before this position were told in another session with the same server
        )
        self.heard = 0  # the number of the step that it has answered last
        self.is_doubtful = False  # it has worked with something else than the client was told
        self.answers: dict[int, Answer] = {}  # of this step, by position
        self.settled = 0  # of this step's positions, it needs none below
        self.answered_at = 0.0
        self.pace = pace
        self.watcher: Watcher | None = None
        self.failure: Exception | None = None
        self.failed_at = 0.0
        self.is_leaving = False
        self.ticket_is_out = False  # another server may bring it steps
        self.was_misled = False  # perhaps, by such a server
        self.pushes_fail_from: int | None = None  # the number of a step
        self.start_counting()
        self._asked: dict[int, Asked] = {}  # by number
        self._numbers: dict[int, int] = {}  # by position: of the step that it was last asked for
        self._taken_back: set[int] = set()  # numbers whose answers are of no use any more
        self._handed_over: asyncio.Future[int] | None = None
        self._stream = stream
        self._settings = settings
        self._outbox: asyncio.Queue[tuple[Message, Sequence[frames.Payload]]] = asyncio.Queue()
        self._tasks = asyncio.create_task(self._read()), asyncio.create_task(self._write())

    @classmethod
    async def open(
        cls,
        dialler: Dialler,
        model: str,
        planned: PlannedHop,
        ends: Ends,
        settings: HopSettings,
        pace: Pace,
    ) -> "Hop":
        """Dial the server and open a session. Raises PeerUnreachable, PeerRefused or ProtocolViolation."""
        stream, opened = await _open(dialler, planned.server, _opening(model, planned, ends), settings)
        return cls(planned, stream, opened.ticket, ends, settings, pace)

    async def fork(self, dialler: Dialler, model: str, position: int) -> "Hop":
        """Another session with its server, which begins with what this one holds up to there.

        Raises as `open`; PeerRefused, too, where the server has taken steps that are not known of here.
        """
        fork = ForkOf(ticket=self.ticket, position=position)
        opening = _opening(model, self.planned, self.ends).model_copy(update={"fork": fork})
        stream, opened = await _open(dialler, self.planned.server, opening, self._settings)
        if opened.forked_after != self.heard:
            stream.close()
            raise PeerRefused("A server has gone on meanwhile.", RefusalCode.NOT_FORKED)
        hop = Hop(self.planned, stream, opened.ticket, self.ends, self._settings, self.pace)
        hop.outputs = self.outputs.beginning(position)
        hop.own_from, hop.heir_of, hop.forked_at = min(self.own_from, position), self.heir_of, position
        return hop

    @property
    def peer(self) -> str:
        return self.planned.server.peer

    def start_counting(self) -> None:
        self.steps = 0
        self.seconds = 0.0  # waited for
        self.compute_seconds = 0.0  # of which the server computed

    # --- what it is asked

    def start_step(self) -> None:
        """Forget the last step's answers; those that are still under way are kept when they come."""
        self.answers = {}
        self._numbers.clear()
        self.settled = 0

    def ask(self, number: int, chunk: Chunk[States]) -> None:
        """It is to answer this step."""
        self._numbers[chunk.position] = number
        self._asked[number] = Asked(number, chunk, time.monotonic())

    def note_given(self, position: int) -> None:
        """The hop before has told what goes in there: until then this one had nothing to do."""
        for number, asked in self._asked.items():
            if asked.chunk.position == position:
                self._asked[number] = replace(asked, at=time.monotonic())

    def number_at(self, position: int) -> int:
        return self._numbers[position]

    def give(self, number: int, chunk: Chunk[States]) -> None:
        """Send it a step."""
        extras, more = pack_extras(chunk.extras) if chunk.extras else (None, b"")
        step = Step(number=number, position=chunk.position, tensor=chunk.hidden.meta, extras=extras)
        self.tell(step, chunk.hidden.body, more)

    def tell(self, message: Message, *payload: frames.Payload) -> None:
        if not self._outbox.empty() or not self._stream.send_now(*frames.encode(message, *payload)):
            self._outbox.put_nowait((message, payload))

    def go_back(self, position: int) -> None:
        """What it was asked from there on, and has answered, is of no use any more."""
        self.outputs.crop(position)
        self.own_from = min(self.own_from, position)
        self.forked_at = min(self.forked_at, position)
        self.is_doubtful = False
        if position == 0:
            self.heir_of = frozenset()
        self.answers = {at: answer for at, answer in self.answers.items() if at < position}
        void = {number for number, asked in self._asked.items() if asked.chunk.position >= position}
        self._taken_back |= void
        for number in void:
            del self._asked[number]

    @property
    def late_at(self) -> float | None:
        """When its oldest answer that is still to come counts as lost; None: it has answered everything."""
        oldest = next(iter(self._asked.values()), None)
        if oldest is None:
            return None
        return self.pace.late_at(max(oldest.at, self.answered_at), len(oldest.chunk))

    async def hand_over(self, message: HandOver) -> int:
        """Have the server bring this session's cache to another one. Returns the positions held there.

        Raises PeerRefused: the session goes on here. Raises PeerUnreachable or ProtocolViolation.
        """
        self._handed_over = asyncio.get_running_loop().create_future()
        self.tell(message)
        try:
            async with asyncio.timeout(self._settings.hand_over_seconds):
                return await self._handed_over
        except TimeoutError:
            self.fail(PeerUnreachable("A server did not hand over in time."))
            raise PeerUnreachable("A server did not hand over in time.") from None
        finally:
            self._handed_over = None

    @property
    def _hands_over(self) -> asyncio.Future[int] | None:
        """While it is to say how that went."""
        return None if self._handed_over is None or self._handed_over.done() else self._handed_over

    # --- what it says

    async def _read(self) -> None:
        try:
            while True:
                message = await frames.receive_header(self._stream)
                self._check_size(message)
                self._take(message, await frames.receive_payload(self._stream, message))
        except (PeerUnreachable, PeerRefused, ProtocolViolation) as error:
            self.fail(error)

    async def _write(self) -> None:
        with contextlib.suppress(PeerUnreachable):  # the reader notices, after what was said before the end
            while True:
                message, payload = await self._outbox.get()
                await frames.send(self._stream, message, *payload)

    def _check_size(self, message: SessionMessage) -> None:
        """Nothing is read that nobody has asked for."""
        if not isinstance(message, StepOutput):
            return
        asked = self._asked.get(message.number)
        if asked is None and message.number not in self._taken_back:
            raise self.misled("A server answered a step that it was not asked for.")
        if asked is not None and not self._answers(asked.chunk, message):
            raise self.misled("A server answered a step with something else.")

    def _answers(self, chunk: Chunk[States], output: StepOutput) -> bool:
        asked, given = chunk.hidden.meta, output.tensor
        expected = chunk.position, asked.tokens, asked.hidden, self.ends.gives
        return (output.position, given.tokens, given.hidden, given.dtype) == expected

    def _take(self, message: SessionMessage, body: bytes) -> None:
        match message:
            case StepOutput():
                self._take_output(message, body)
            case PushFailed():
                self.pushes_fail_from = message.number
            case Leaving():
                self.is_leaving = True
                if self.watcher is not None:
                    self.watcher.on_leaving(self)
            case HandedOver() if self._hands_over is not None:
                self._hands_over.set_result(message.length)
            case Refusal(code=RefusalCode.NOT_HANDED_OVER) if self._hands_over is not None:
                self._hands_over.set_exception(_refused(message))
            case Refusal(code=RefusalCode.FAILED) if self.ticket_is_out:
                raise self.misled("A server could not compute what another one brought it.")
            case Refusal():
                raise _refused(message)
            case _:
                raise ProtocolViolation("A server said something that it was not asked for.")
        self._tell_watcher()

    def misled(self, text: str) -> Exception:
        """What to fail with where its own steps do not explain what it says: whoever has its ticket may have
        brought it others. Then nobody is blamed, and the link to it is carried from then on.
        """
        if not self.ticket_is_out:
            return ProtocolViolation(text)
        self.was_misled = True
        return PeerRefused(text, RefusalCode.BAD_POSITION)

    def _take_output(self, output: StepOutput, body: bytes) -> None:
        asked = self._asked.pop(output.number, None)
        self.heard = max(self.heard, output.number)
        if asked is None:
            self._taken_back = {number for number in self._taken_back if number > output.number}
            self.answered_at = time.monotonic()
            return
        chunk = replace(asked.chunk, hidden=States(output.tensor, body))
        if not chunk.hidden.is_finite:
            raise ProtocolViolation("A server's hidden states are not finite.")
        if chunk.position > self.outputs.length:
            raise ProtocolViolation("A server left a step out.")
        self.outputs.extend(chunk)
        answer = Answer(output.number, chunk, output.saw, time.monotonic(), output.compute_seconds)
        self.steps += 1
        self.compute_seconds += output.compute_seconds
        if self._numbers.get(chunk.position) == output.number:
            self.answers[chunk.position] = answer
        if self.watcher is not None:
            self.watcher.on_answer(self, answer)
        self.answered_at = answer.at

    # --- its end

    def fail(self, cause: Exception) -> None:
        """The first cause stays."""
        if self.failure is None:
            self.failure, self.failed_at = cause, time.monotonic()
        if self._hands_over is not None:
            self._hands_over.set_exception(PeerUnreachable("A server broke off while it handed over."))
        self._tell_watcher()

    def _tell_watcher(self) -> None:
        if self.watcher is not None:
            self.watcher.on_news()

    def close(self) -> None:
        """What was asked before is answered no more."""
        self._stream.close()
        for task in self._tasks:
            task.cancel()
        self.fail(PeerUnreachable("This session was closed."))


async def _open(
    dialler: Dialler, server: SpanRecord, opening: OpenSession, settings: HopSettings
) -> tuple[Stream, SessionOpened]:
    """Raises PeerUnreachable, PeerRefused or ProtocolViolation."""
    stream = await dialler.open(server.peer, SESSION_PROTOCOL, server.addresses)
    try:
        async with asyncio.timeout(settings.open_seconds):
            await frames.send(stream, opening)
            reply, _ = await frames.receive(stream, max_payload=0)
        if isinstance(reply, Refusal):
            raise _refused(reply)
        if not isinstance(reply, SessionOpened):
            raise ProtocolViolation("A server answered an open message with something else.")
    except TimeoutError:
        stream.close()
        raise PeerUnreachable("A server did not answer in time.") from None
    except BaseException:
        stream.close()
        raise
    return stream, reply


def _opening(model: str, planned: PlannedHop, ends: Ends) -> OpenSession:
    """A server that names no encodings takes and gives the plain one alone, unasked."""
    outputs = ends.gives if planned.server.encodings else None
    return OpenSession(model=model, start=planned.start, end=planned.end, outputs=outputs)


# A stranger's own words are for the log alone.
_SENTENCES = {
    RefusalCode.NO_ROOM: said(
        "A server's cache is full: try again in a while, or start a shorter conversation."
    ),
    RefusalCode.DRAINING: said("A server is leaving and takes no new chats: try again."),
    RefusalCode.FAILED: said("A server could not compute this step: try again."),
}


def _refused(reply: Refusal) -> PeerRefused:
    log.info("a server refused (%s): %s", reply.code, reply.text)
    sentence = _SENTENCES.get(reply.code, said("A server refused this chat: try again."))
    return PeerRefused(sentence, reply.code)
