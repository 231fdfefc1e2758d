"""A walk that sends drafted tokens along with the one that `generate()` has chosen.

`generate()` goes on asking for one token after another, so that whatever chooses tokens works as it would
without drafts. Where it comes with a token that was drafted, its answer is there already. Where it comes with
another one, the next step names the position that it stands at, and the servers forget what was drafted. Each
token is therefore chosen from what the model makes of those before it, whatever was drafted.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.generate.known_start import Walk
from engine.generate.speculation.drafts import Draft, Drafter
from engine.generate.speculation.experience import LONGEST, Experience
from engine.model.extras import StepExtras

States = Callable[[list[int], int], Tensor]  # tokens and their position to `[1, tokens, values]`


@dataclass
class _Ahead:
    """A draft that was sent, and what came back for it."""

    position: int  # of its first token that was not yet asked for
    draft: Draft
    answers: Tensor  # [1, tokens, values]
    asked: int = 0


class LookAhead:
    """Called in the thread of `generate()`, which tells it each token before it asks for the next one."""

    def __init__(
        self,
        walk: Walk,
        states: States,
        drafter: Drafter,
        experience: Experience,
        max_new_tokens: int,
        replays: Callable[[], int] = lambda: 0,
    ) -> None:
        """`states`: what the layers are given for tokens. `replays`: how many spans were rebuilt so far, for
        whatever reason.
        """
        self._walk = walk
        self._states = states
        self._drafter = drafter
        self._experience = experience
        self._replays = replays
        self._left = max_new_tokens
        self._token = 0  # the last one that was chosen
        self._sent = 0  # positions, drafted ones included
        self._ahead: _Ahead | None = None

    def saw(self, token: int) -> None:
        self._drafter.push(token)
        self._token = token
        self._left -= 1

    def __call__(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        if hidden.shape[1] > 1 or extras is not None:
            self._ahead, self._sent = None, position + hidden.shape[1]
            return self._walk(hidden, position, extras)
        known = self._known(position)
        return self._ask(hidden, position) if known is None else known

    def _known(self, position: int) -> Tensor | None:
        """The answer for the token that was chosen, if it was drafted."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead.position + ahead.asked != position:
            return None
        came_true = ahead.draft.tokens[ahead.asked] == self._token
        self._experience.note_token(ahead.draft.kind, came_true)
        if not came_true:
            return None
        ahead.asked += 1
        if ahead.asked < len(ahead.draft.tokens):
            self._ahead = ahead
        return ahead.answers[:, ahead.asked - 1 : ahead.asked]

    def _ask(self, hidden: Tensor, position: int) -> Tensor:
        began, replays = time.monotonic(), self._replays()
        draft = self._draft()
        rows = hidden if draft is None else self._with(draft, hidden, position)
        answers = self._walk(rows, position, None)
        if self._replays() == replays:
            self._experience.note_trip(rows.shape[1], time.monotonic() - began)
        elif position < self._sent:
            self._experience.note_replay()
        self._sent = position + rows.shape[1]
        if draft is not None and rows.shape[1] > 1:
            self._ahead = _Ahead(position + 1, draft, answers[:, 1:])
        return answers[:, :1]

    def _draft(self) -> Draft | None:
        """What is worth to be sent along. The last token that may be chosen is never sent."""
        draft = self._drafter.draft(min(self._left - 1, LONGEST))
        if draft is None:
            return None
        length = self._experience.draft_length(draft.kind, len(draft.tokens))
        return Draft(draft.tokens[:length], draft.kind) if length else None

    def _with(self, draft: Draft, hidden: Tensor, position: int) -> Tensor:
        """The hidden states of the chosen token and of those that were drafted; without these, where what is
        made of the chosen token is not what the model itself has made of it.
        """
        states = self._states([self._token, *draft.tokens], position)
        if not torch.allclose(states[:, :1], hidden, rtol=1e-4, atol=1e-5):
            self._experience.give_up()
            return hidden
        return torch.cat([hidden, states[:, 1:]], dim=1)
