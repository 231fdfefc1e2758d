"""A walk that sends drafted tokens along with the one that `generate()` has chosen.

`generate()` goes on asking for one token after another, so that whatever chooses tokens works as it would
without drafts. Where it comes with a token that was drafted, its answer is there already, or on its way:
further drafts follow the first ones before these have come back. Where it comes with another token, the next
step names the position that it stands at, and the servers forget what was drafted. Each token is therefore
chosen from what the model makes of those before it, whatever was drafted.

A draft model may guess in branches. All of them go to the servers, with masks that keep them apart; whichever
comes true, its answers are on their way. What was chosen then stands between others in the session: it is
sent once more, in its place, with the next token that nobody has guessed.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.generate.known_start import Walk
from engine.generate.speculation.drafts import Draft, Drafter, SlowDrafter
from engine.generate.speculation.experience import AT_ONCE, LONGEST, Experience
from engine.generate.speculation.guesses import Guess, Place, likeliest
from engine.generate.speculation.sent import Coming, Piece, Row, Sent
from engine.model.extras import StepExtras

States = Callable[[list[int], int], Tensor]  # tokens and their position to `[1, tokens, values]`

MOST_ROWS = 32  # of a step with branches
MOST_BESIDE = 256  # places of a session for what is not chosen, or not yet


class Send(Protocol):
    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Coming: ...


@dataclass(frozen=True)
class Branching:
    """What drafts with branches need to know of the model, and of the session."""

    states: Callable[[list[int], list[int]], Tensor]  # tokens and the position of each, as `States`
    config: Any  # of the model's text layers
    are_taken: Callable[[], bool]  # by all servers of the session
    room: Callable[[], int]  # positions that the session may fill, beyond what the answer needs


class LookAhead:
    """Called in the thread of `generate()`, which tells it each token before it asks for the next one."""

    def __init__(
        self,
        walk: Walk,
        send: Send,
        states: States,
        drafter: Drafter,
        experience: Experience,
        max_new_tokens: int,
        replays: Callable[[], int] = lambda: 0,
        slow: SlowDrafter | None = None,
        branching: Branching | None = None,
    ) -> None:
        """`walk` is for what is not drafted for, `states` what the layers are given for tokens, `replays` how
        many spans were rebuilt so far, for whatever reason. `slow` drafts where `drafter` knows nothing as
        good; without `branching` one line alone.
        """
        self._walk = walk
        self._send = send
        self._states = states
        self._drafter = drafter
        self._slow = slow
        self._branching = branching
        self._experience = experience
        self._replays = replays
        self._left = max_new_tokens
        self._token = 0  # the last one that was chosen
        self._sent = Sent()
        self._sent_at = 0.0  # the last piece
        self._under_way: list[Piece] = []
        self.drafted = 0  # tokens that were sent before they were chosen
        self.accepted = 0  # of these, that were chosen then

    def held(self, length: int) -> int:
        """Of so many positions of the text, those that the session holds one behind the other."""
        return length if self._sent.at is None else min(length, self._sent.trunk)

    def saw(self, token: int) -> None:
        self._drafter.push(token)
        if self._slow is not None:
            self._slow.push(token)
        self._token = token
        self._left -= 1

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        if hidden.shape[1] > 1 or extras is not None:
            self._under_way.clear()
            self._sent.begin(position + hidden.shape[1])
            self._let_work()  # it reads the prompt meanwhile
            return self._walk(hidden, position, extras)
        row = self._followed(position)
        if row is None:
            return self._ask(hidden, position)
        self._send_more()
        return self._answer(row)

    def _followed(self, position: int) -> Row | None:
        """The row of the chosen token, if it was sent."""
        before = self._sent.at
        if before is None or before.position + 1 != position:
            return None
        guessed = next(iter(before.following.values()), None)
        row = self._sent.follow(self._token)
        if guessed is not None and guessed.piece is not None:
            self._experience.note_token(guessed.piece.kind, row is guessed)
            self.accepted += row is not None
        if row is not None and row is not guessed:
            self._experience.note_branch()
        self._under_way = [piece for piece in self._under_way if piece.end > position]
        return row

    def _answer(self, row: Row) -> Tensor:
        assert row.piece is not None
        self._make_use_of_waiting(row.piece.coming)
        return row.piece.answers[:, row.index : row.index + 1]

    def _make_use_of_waiting(self, coming: Coming) -> None:
        """Send what is drafted and worth it, until an answer is here."""
        has_waited = False
        while (working := self._let_work()) is not None and not coming.is_here:
            self._send_more()
            coming.wait(working)
            has_waited = True
        if has_waited and not coming.is_here:
            self._send_more()
        elif has_waited and coming.came_at:
            self._experience.note_late(time.monotonic() - coming.came_at)

    def _let_work(self) -> "Future[Any] | None":
        """The slow drafter, beside this thread. None: it has nothing to do."""
        return None if self._slow is None else self._slow.work(self._reach(self._slow))

    def _ask(self, hidden: Tensor, position: int) -> Tensor:
        """A trip for the chosen token, and for what may follow it; for those before it that are to stand in
        the session as they do in the text.
        """
        began, replays = time.monotonic(), self._replays()
        tail, end = self._sent.tail, self._sent.end
        if self._sent.trunk + len(tail) != position:  # the first token behind something else
            self._sent.begin(position)
            tail = []
        draft = self._draft()
        drafted = [] if draft is None else list(draft.tokens)
        states = self._with(tail, hidden, drafted)
        tokens = [*tail, self._token, *drafted][: states.shape[1]]
        self._under_way.clear()
        self._sent.begin(self._sent.trunk)
        goes_back = self._sent.trunk < end
        rows = self._sent.add_line(tokens, None)
        self._put(rows, states, -1 if draft is None else draft.kind)
        self.drafted += len(tokens) - len(tail) - 1
        row = self._arrive(rows[: len(tail) + 1])
        self._send_more()
        answer = self._answer(row)
        if self._replays() == replays:
            assert row.piece is not None
            self._experience.note_trip(len(tokens), row.piece.coming.came_at - began)
        elif goes_back:
            self._experience.note_replay()
        return answer

    def _arrive(self, rows: Sequence[Row]) -> Row:
        """All of these are chosen, and stand as they do in the text."""
        self._sent.at = rows[-1]
        self._sent.trunk = rows[-1].position + 1
        return rows[-1]

    def _put(self, rows: Sequence[Row], states: Tensor, kind: int) -> None:
        config = None if self._branching is None else self._branching.config
        coming = self._send(states, rows[0].place, self._sent.extras(rows, config))
        piece = Piece(kind, len(rows), max(row.position for row in rows) + 1, coming)
        for index, row in enumerate(rows):
            row.piece, row.index = piece, index
        self._under_way.append(piece)
        self._sent_at = time.monotonic()

    # --- what to draft

    def _draft(self) -> Draft | None:
        """What is worth to be sent along. The last token that may be chosen is never sent."""
        draft = self._best(min(self._left - 1, LONGEST), [])
        if draft is None or self._speed(draft.kind) < self._speed_of_slow:
            return None
        length = self._experience.draft_length(draft.kind, len(draft.tokens))
        return Draft(draft.tokens[:length], draft.kind) if length else None

    def _reach(self, slow: SlowDrafter) -> int:
        """Tokens that it is to go ahead; where it guesses in branches, their chances are its bounds."""
        reach = self._experience.reach(slow.kind, slow.seconds)
        in_branches = self._may_branch is not None and slow.guesses is not None
        return min(LONGEST if in_branches and reach else reach, self._left - 1)

    def _best(self, longest: int, under_way: list[int]) -> Draft | None:
        """The draft that goes on behind those under way and promises most."""
        drafters = [self._drafter] if self._slow is None else [self._drafter, self._slow]
        drafts = [draft for drafter in drafters if (draft := drafter.draft(longest)) is not None]
        known = len(under_way)
        going_on = [d for d in drafts if len(d.tokens) > known and list(d.tokens[:known]) == under_way]
        return max(going_on, key=lambda draft: self._speed(draft.kind), default=None)

    def _speed(self, kind: int) -> float:
        is_slow = self._slow is not None and kind == self._slow.kind
        return self._speed_of_slow if is_slow else self._experience.speed(kind, 0.0)

    @property
    def _speed_of_slow(self) -> float:
        """That it promises, if it may work."""
        slow = self._slow
        if slow is None or not self._experience.reach(slow.kind, slow.seconds):
            return 0.0
        return self._experience.speed(slow.kind, slow.seconds)

    def _send_more(self) -> None:
        """Further guesses behind those under way, while that is worth it."""
        if (branching := self._may_branch) is not None and (root := self._guesses()) is not None:
            self._send_branches(branching, root)
            return
        while len(self._under_way) < AT_ONCE:
            known, before = self._sent.likeliest()
            if (more := self._following(known)) is None:
                return
            states = self._states(list(more.tokens), self._position + 1 + len(known))
            self._put_behind(self._sent.add_line(more.tokens, before), states, more.kind)

    @property
    def _position(self) -> int:
        """Of the chosen token."""
        assert self._sent.at is not None
        return self._sent.at.position

    def _put_behind(self, rows: Sequence[Row], states: Tensor, kind: int) -> None:
        self._put(rows, states, kind)
        self._experience.note_following(len(rows))
        self.drafted += len(rows)

    def _following(self, known: list[int]) -> Draft | None:
        """As many tokens as a piece is to have, if they are worth it."""
        draft = self._best(min(len(known) + LONGEST, self._left - 1), known)
        if draft is None:
            return None
        rows = self._piece(draft.kind)
        tokens = list(draft.tokens[len(known) : len(known) + rows])
        is_short = len(tokens) < rows and len(draft.tokens) < self._left - 1
        if not tokens or is_short or not self._experience.may_follow(draft.kind, len(known), len(tokens)):
            return None
        return Draft(tokens, draft.kind)

    def _piece(self, kind: int) -> int:
        last, slow = self._under_way[-1], self._slow
        if slow is None or kind != slow.kind:
            return last.rows if last.kind == kind else 0
        return min(self._experience.piece(slow.seconds), self._experience.reach(kind, slow.seconds))

    def _with(self, tail: list[int], hidden: Tensor, drafted: list[int]) -> Tensor:
        """The hidden states of the chosen token, those that stand before it, and those that were drafted;
        without these, where what is made of the chosen token is not what the model itself has made of it.
        """
        if not tail and not drafted:
            return hidden
        states = self._states([*tail, self._token, *drafted], self._sent.trunk)
        at = len(tail)
        if not torch.allclose(states[:, at : at + 1], hidden, rtol=1e-4, atol=1e-5):
            self._experience.give_up()
            return torch.cat([states[:, :at], hidden], dim=1)
        return torch.cat([states[:, :at], hidden, states[:, at + 1 :]], dim=1)

    # --- branches

    @property
    def _may_branch(self) -> Branching | None:
        if self._slow is None or self._branching is None or not self._branching.are_taken():
            return None
        return self._branching

    def _guesses(self) -> Guess | None:
        """The slow drafter's, where nobody promises more."""
        root = None if self._slow is None else self._slow.guesses
        if root is None:
            return None
        known, _ = self._sent.likeliest()
        best = self._best(min(len(known) + LONGEST, self._left - 1), known)
        is_other = best is not None and self._slow is not None and best.kind != self._slow.kind
        return None if is_other or not self._speed_of_slow else root

    def _send_branches(self, branching: Branching, root: Guess) -> None:
        """All guesses that may well come true and are not under way, a few times in a trip."""
        slow = self._slow
        if slow is None or (self._has_just_sent and self._let_work() is not None):
            return
        most = min(MOST_ROWS, self._experience.rows_left, self._places_left(branching))
        least = self._experience.least_chance
        if most <= 0 or not (new := self._unsent(root, least, most)):
            return
        rows = [self._sent.add(place.guess.token, self._row_at(place.path[:-1])) for place in new]
        states = branching.states([row.token for row in rows], [row.position for row in rows])
        self._put_behind(rows, states, slow.kind)

    @property
    def _has_just_sent(self) -> bool:
        return time.monotonic() - self._sent_at < self._experience.pause

    def _unsent(self, root: Guess, least: float, most: int) -> list[Place]:
        """The likeliest of those that are not under way, what stands before each before it."""
        new: list[Place] = []
        for place in likeliest(root, least):
            if len(new) == most:
                break
            if 0 < len(place.path) < self._left and self._row_at(place.path) is None:
                new.append(place)
        return new

    def _row_at(self, path: Sequence[int]) -> Row | None:
        """Behind the chosen token."""
        row = self._sent.at
        for token in path:
            row = None if row is None else row.following.get(token)
        return row

    def _places_left(self, branching: Branching) -> int:
        """In the session; the answer itself may need as many as it has tokens left in any case."""
        needed = self._position + self._left
        most = max(needed, min(self._position + MOST_BESIDE, branching.room()))
        return most - self._sent.end
