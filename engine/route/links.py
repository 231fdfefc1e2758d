"""How hidden states come to a hop: carried by the client, or pushed by the hop before."""

import time

from engine.route.history import Chunk
from engine.route.hop import Answer, Hop
from engine.route.states import States
from engine.wire.messages import MAX_PUSH_ADDRESSES, Carry, PushTo

LATE_PUSHES = 2  # in a row: then a link does not push, whatever it says


class Link:
    """From a hop, or from the client, to the hop behind it.

    What was pushed is compared with what the hop before has told the client: see `spoiled_at`.
    """

    def __init__(self, giver: Hop | None, taker: Hop) -> None:
        self.giver = giver
        self.taker = taker
        self.pushes = False
        self.has_failed = False  # what is pushed does not arrive, or not as it was told
        self.spoiled_at: int | None = None  # from this position on, the taker saw something else than told
        self.given_at: dict[int, float] = {}  # of this step, by position
        self._since = 0
        self._pushed_from = 0
        self._open_from: int | None = None  # the first step that somebody else may have brought the taker
        self._carried: dict[int, float] = {}  # when, by number
        self._late = 0  # pushes in a row
        self._told: dict[int, Chunk[States]] = {}  # by number
        self._saw: dict[int, Answer] = {}

    def follow(self, before: "Link", since: int) -> None:
        """To the same taker, from another giver. What the one before has pushed in steps below `since`, and
        has told nobody, cannot be compared with anything any more.
        """
        self._since, self._told, self._open_from = since, before._told, before._open_from
        spoiled = [saw.chunk.position for saw in before._saw.values()]
        if before.spoiled_at is not None:
            spoiled.append(before.spoiled_at)
        for position in spoiled:
            self._spoil(position)

    def push_from(self, number: int) -> None:
        """Have the giver push, from the step with this number on."""
        assert self.giver is not None
        server = self.taker.planned.server
        addresses = server.addresses[:MAX_PUSH_ADDRESSES]
        self.giver.tell(PushTo(peer=server.peer, addresses=addresses, ticket=self.taker.ticket))
        self.giver.pushes_fail_from = None
        self.pushes, self._pushed_from, self.taker.ticket_is_out = True, number, True
        self._open_from = number if self._open_from is None else self._open_from

    def carry(self) -> None:
        """The giver is to push no more."""
        if self.giver is not None and self.pushes:
            self.giver.tell(Carry())
        self.pushes = False

    @property
    def is_settled(self) -> bool:
        """Whether all that the taker saw is known to be what the client was told."""
        return self.spoiled_at is None and not self._saw

    @property
    def is_broken(self) -> bool:
        """The giver has said that its pushes do not arrive; it may mean those of an earlier link."""
        number = self.giver.pushes_fail_from if self.giver is not None else None
        return self.pushes and number is not None and number >= self._pushed_from

    def start_step(self) -> None:
        self.given_at.clear()
        self._carried.clear()

    def forget(self, position: int) -> None:
        """What came in from that position on counts no more: it comes again, by new numbers."""
        self.given_at = {at: given for at, given in self.given_at.items() if at < position}
        self._told = {at: chunk for at, chunk in self._told.items() if chunk.position < position}
        self._saw = {at: saw for at, saw in self._saw.items() if saw.chunk.position < position}
        if self.spoiled_at is not None and self.spoiled_at >= position:
            self.spoiled_at = None

    def was_carried(self, number: int) -> bool:
        return number in self._carried

    def give(self, number: int, chunk: Chunk[States]) -> None:
        """Carry a step to the taker."""
        self._carried[number] = time.monotonic()
        self.given_at.setdefault(chunk.position, self._carried[number])
        self.taker.give(number, chunk)
        self._told[number] = chunk
        self._compare(number)

    def on_told(self, answer: Answer) -> None:
        """The giver has told the client what it pushed."""
        if self.pushes and answer.number >= self._pushed_from:
            self.given_at.setdefault(answer.chunk.position, answer.at)
        if self._may_be_pushed(answer.number):
            self._told[answer.number] = answer.chunk
            self._compare(answer.number)

    def on_taken(self, answer: Answer) -> None:
        """The taker has said what it saw."""
        if self.pushes:
            self._late = self._late + 1 if self._came_by_carrying(answer) else 0
            self.has_failed |= self._late >= LATE_PUSHES or (self.is_broken and self._late > 0)
        self._saw[answer.number] = answer
        if answer.number in self._told or self._may_be_pushed(answer.number):
            self._compare(answer.number)
        else:
            self._differs(self._saw.pop(answer.number))

    def _came_by_carrying(self, answer: Answer) -> bool:
        """Not what was answered sooner after that than its forward took: it had been pushed before."""
        carried_at = self._carried.get(answer.number)
        return carried_at is not None and answer.at - carried_at >= answer.compute_seconds

    def _compare(self, number: int) -> None:
        if number not in self._told or number not in self._saw:
            return
        told, answer = self._told.pop(number), self._saw.pop(number)
        if told.hidden.digest != answer.saw:
            self._differs(answer)

    def _differs(self, answer: Answer) -> None:
        """The taker worked with something else than the client knows of."""
        if not self.pushes and answer.number >= self._since:
            self.taker.is_doubtful = True
            self.taker.fail(self.taker.misled("A server worked with something else than it was sent."))
            return
        self.has_failed |= self.pushes
        self._spoil(answer.chunk.position)

    def _spoil(self, position: int) -> None:
        self.taker.is_doubtful = True
        self.spoiled_at = position if self.spoiled_at is None else min(self.spoiled_at, position)

    def _may_be_pushed(self, number: int) -> bool:
        return self._open_from is not None and number >= max(self._open_from, self._since)
