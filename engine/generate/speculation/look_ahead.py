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
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from engine.generate.known_start import Walk
from engine.generate.speculation.drafts import Draft, Drafter
from engine.generate.speculation.experience import LONGEST, Experience
from engine.model.extras import StepExtras

States = Callable[[list[int], int], Tensor]  # tokens and their position to `[1, tokens, values]`
Send = Callable[[Tensor, int], Callable[[], Tensor]]  # what it returns waits for what comes back

AT_ONCE = 4  # pieces under way


@dataclass
class _Piece:
    """Tokens that were sent in one step."""

    position: int
    tokens: Sequence[int]
    wait: Callable[[], Tensor]

    @cached_property
    def answers(self) -> Tensor:
        """`[1, tokens, values]`"""
        return self.wait()

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
    ) -> None:
        """`walk` is for what is not drafted for, `states` what the layers are given for tokens, `replays` how
        many spans were rebuilt so far, for whatever reason.
        """
        self._walk = walk
        self._send = send
        self._states = states
        self._drafter = drafter
        self._experience = experience
        self._replays = replays
        self._left = max_new_tokens
        self._token = 0  # the last one that was chosen
        self._sent = 0  # positions, drafted ones included
        self._kind = 0  # of the drafts under way
        self._under_way: deque[_Piece] = deque()

    def saw(self, token: int) -> None:
        self._drafter.push(token)
        self._token = token
        self._left -= 1

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        if hidden.shape[1] > 1 or extras is not None:
            self._under_way.clear()
            self._sent = position + hidden.shape[1]
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
        self._experience.note_token(self._kind, came_true)
        return came_true

    def _answer(self, position: int) -> Tensor:
        piece = self._under_way[0]
        row = position - piece.position
        if position + 1 == piece.end:
            self._under_way.popleft()
        return piece.answers[:, row : row + 1]

    def _ask(self, hidden: Tensor, position: int) -> Tensor:
        """A trip for the chosen token, and for what may follow it."""
        began, replays = time.monotonic(), self._replays()
        draft = self._draft()
        rows = hidden if draft is None else self._with(draft, hidden, position)
        goes_back, drafted = position < self._sent, rows.shape[1] - 1
        self._put(rows, position, [self._token, *(draft.tokens[:drafted] if draft else ())])
        if draft is not None and drafted:
            self._kind = draft.kind
            self._send_more(position)
        answer = self._answer(position)
        if self._replays() == replays:
            self._experience.note_trip(1 + drafted, time.monotonic() - began)
        elif goes_back:
            self._experience.note_replay()
        return answer

    def _put(self, rows: Tensor, position: int, tokens: Sequence[int]) -> None:
        self._under_way.append(_Piece(position, tokens, self._send(rows, position)))
        self._sent = position + len(tokens)

    def _draft(self) -> Draft | None:
        """What is worth to be sent along. The last token that may be chosen is never sent."""
        draft = self._drafter.draft(min(self._left - 1, LONGEST))
        if draft is None:
            return None
        length = self._experience.draft_length(draft.kind, len(draft.tokens))
        return Draft(draft.tokens[:length], draft.kind) if length else None

    def _send_more(self, position: int) -> None:
        """Further tokens of the draft behind those under way, while that is worth it."""
        while len(self._under_way) < AT_ONCE and (tokens := self._following(position)):
            self._put(self._states(tokens, self._sent), self._sent, tokens)
            self._experience.note_following(len(tokens))

    def _following(self, position: int) -> list[int]:
        """As many tokens as the last piece has, if they are worth it; empty otherwise."""
        known = [token for piece in self._under_way for token in piece.tokens]
        known = known[position + 1 - self._under_way[0].position :]  # behind the chosen one
        rows = min(len(self._under_way[-1].tokens), self._left - 1 - len(known))
        if rows < 1 or not self._experience.may_follow(self._kind, len(known), rows):
            return []
        draft = self._drafter.draft(len(known) + rows)
        if draft is None or list(draft.tokens[: len(known)]) != known:
            return []
        return list(draft.tokens[len(known) :])

    def _with(self, draft: Draft, hidden: Tensor, position: int) -> Tensor:
        """The hidden states of the chosen token and of those that were drafted; without these, where what is
        made of the chosen token is not what the model itself has made of it.
        """
        states = self._states([self._token, *draft.tokens], position)
        if not torch.allclose(states[:, :1], hidden, rtol=1e-4, atol=1e-5):
            self._experience.give_up()
            return hidden
        return torch.cat([hidden, states[:, 1:]], dim=1)
