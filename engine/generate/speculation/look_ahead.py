"""A walk that sends drafted tokens along with the one that `generate()` has chosen.

`generate()` goes on asking for one token after another, so that whatever chooses tokens works as it would
without drafts. Where it comes with a token that was drafted, its answer is there already, or on its way:
further drafts follow the first ones before these have come back. Where it comes with another token, the next
step names the position that it stands at, and the servers forget what was drafted. Each token is therefore
chosen from what the model makes of those before it, whatever was drafted.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.generate.known_start import Walk
from engine.generate.speculation.drafts import Draft, Drafter, SlowDrafter
from engine.generate.speculation.experience import AT_ONCE, LONGEST, Experience
from engine.model.extras import StepExtras

States = Callable[[list[int], int], Tensor]  # tokens and their position to `[1, tokens, values]`


class Coming(Protocol):
    """What comes back of a step."""

    came_at: float  # by the clock of `time.monotonic`, once it is here

    @property
    def is_here(self) -> bool: ...

    def wait(self, other: "Future[Any]") -> None:
        """Until it is here, or the other one is done."""
        ...

    def __call__(self) -> Tensor:
        """`[1, tokens, values]`: waits for it."""
        ...


Send = Callable[[Tensor, int], Coming]


@dataclass
class _Piece:
    """Tokens that were sent in one step, those that were drafted all of one kind."""

    position: int
    tokens: Sequence[int]
    kind: int
    coming: Coming

    @cached_property
    def answers(self) -> Tensor:
        """`[1, tokens, values]`"""
        return self.coming()

    @property
    def end(self) -> int:
        return self.position + len(self.tokens)


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
    ) -> None:
        """`walk` is for what is not drafted for, `states` what the layers are given for tokens, `replays` how
        many spans were rebuilt so far, for whatever reason. `slow` drafts where `drafter` knows nothing as
        good.
        """
        self._walk = walk
        self._send = send
        self._states = states
        self._drafter = drafter
        self._slow = slow
        self._experience = experience
        self._replays = replays
        self._left = max_new_tokens
        self._token = 0  # the last one that was chosen
        self._sent = 0  # positions, drafted ones included
        self._under_way: deque[_Piece] = deque()
        self.drafted = 0  # tokens that were sent before they were chosen
        self.accepted = 0  # of these, that were chosen then

    def saw(self, token: int) -> None:
        self._drafter.push(token)
        if self._slow is not None:
            self._slow.push(token)
        self._token = token
        self._left -= 1

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        if hidden.shape[1] > 1 or extras is not None:
            self._under_way.clear()
            self._sent = position + hidden.shape[1]
            self._let_work()  # it reads the prompt meanwhile
            return self._walk(hidden, position, extras)
        if not self._was_drafted(position):
            self._under_way.clear()
            return self._ask(hidden, position)
        self._send_more(position)
        return self._answer(position)

    def _was_drafted(self, position: int) -> bool:
        piece = self._under_way[0] if self._under_way else None
        if piece is None or not piece.position <= position < piece.end:
            return False
        came_true = piece.tokens[position - piece.position] == self._token
        self._experience.note_token(piece.kind, came_true)
        self.accepted += came_true
        return came_true

    def _answer(self, position: int) -> Tensor:
        piece = self._under_way[0]
        self._make_use_of_waiting(piece.coming, position)
        row = position - piece.position
        if position + 1 == piece.end:
            self._under_way.popleft()
        return piece.answers[:, row : row + 1]

    def _make_use_of_waiting(self, coming: Coming, position: int) -> None:
        """Send what is drafted and worth it, until an answer is here."""
        has_waited = False
        while (working := self._let_work()) is not None and not coming.is_here:
            self._send_more(position)
            coming.wait(working)
            has_waited = True
        if has_waited and not coming.is_here:
            self._send_more(position)
        elif has_waited and coming.came_at:
            self._experience.note_late(time.monotonic() - coming.came_at)

    def _let_work(self) -> "Future[Any] | None":
        """The slow drafter, beside this thread. None: it has nothing to do."""
        return None if self._slow is None else self._slow.work(self._reach(self._slow))

    def _ask(self, hidden: Tensor, position: int) -> Tensor:
        """A trip for the chosen token, and for what may follow it."""
        began, replays = time.monotonic(), self._replays()
        draft = self._draft()
        rows = hidden if draft is None else self._with(draft, hidden, position)
        goes_back, drafted = position < self._sent, rows.shape[1] - 1
        if draft is None or not drafted:
            self._put(rows, position, [self._token], kind=-1)
        else:
            self._put(rows, position, [self._token, *draft.tokens], draft.kind)
        self.drafted += drafted
        self._send_more(position)
        came = self._under_way[0].coming
        answer = self._answer(position)
        if self._replays() == replays:
            self._experience.note_trip(1 + drafted, came.came_at - began)
        elif goes_back:
            self._experience.note_replay()
        return answer

    def _put(self, rows: Tensor, position: int, tokens: Sequence[int], kind: int) -> None:
        self._under_way.append(_Piece(position, tokens, kind, self._send(rows, position)))
        self._sent = position + len(tokens)

    # --- what to draft

    def _draft(self) -> Draft | None:
        """What is worth to be sent along. The last token that may be chosen is never sent."""
        draft = self._best(min(self._left - 1, LONGEST), [])
        if draft is None or self._speed(draft.kind) < self._speed_of_slow:
            return None
        length = self._experience.draft_length(draft.kind, len(draft.tokens))
        return Draft(draft.tokens[:length], draft.kind) if length else None

    def _reach(self, slow: SlowDrafter) -> int:
        return min(self._experience.reach(slow.kind, slow.seconds), self._left - 1)

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

    def _send_more(self, position: int) -> None:
        """Further tokens of the draft behind those under way, while that is worth it."""
        while len(self._under_way) < AT_ONCE and (more := self._following(position)):
            self._put(self._states(list(more.tokens), self._sent), self._sent, more.tokens, more.kind)
            self._experience.note_following(len(more.tokens))
            self.drafted += len(more.tokens)

    def _following(self, position: int) -> Draft | None:
        """As many tokens as a piece is to have, if they are worth it."""
        known = [token for piece in self._under_way for token in piece.tokens]
        known = known[position + 1 - self._under_way[0].position :]  # behind the chosen one
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
            return len(last.tokens) if last.kind == kind else 0
        return min(self._experience.piece(slow.seconds), self._experience.reach(kind, slow.seconds))

    def _with(self, draft: Draft, hidden: Tensor, position: int) -> Tensor:
        """The hidden states of the chosen token and of those that were drafted; without these, where what is
        made of the chosen token is not what the model itself has made of it.
        """
        states = self._states([self._token, *draft.tokens], position)
        if not torch.allclose(states[:, :1], hidden, rtol=1e-4, atol=1e-5):
            self._experience.give_up()
            return hidden
        return torch.cat([hidden, states[:, 1:]], dim=1)
