"""Drafts by a model that runs on this computer beside the chat, while the chat waits for others."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import median

import torch
from torch import Tensor
from transformers import LogitsProcessorList, PreTrainedModel
from transformers.cache_utils import DynamicCache

from engine.generate.speculation.draft_choice import MOST_TOKENS
from engine.generate.speculation.drafts import DRAFT_MODEL, Draft
from engine.model.span import CACHE_ARGUMENTS, accepted_by, next_positions

UNIT_SECONDS = 0.05  # that one piece of a text may take to read: so much later an answer may be noticed
MOST_AT_ONCE = 64  # tokens of a piece
FIRST_PIECE = 8
MEASURED, LEAST_MEASURED = 8, 3  # drafted tokens that its pace is known from


class Reader:
    """A model, and the text whose keys and values it holds."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self._accepted = accepted_by(model)
        self._cache = DynamicCache()
        self.tokens: list[int] = []

    def keep(self, length: int) -> None:
        """Forget what stands behind so many tokens."""
        if length < len(self.tokens):
            self._cache.crop(length - len(self.tokens))
            del self.tokens[length:]

    @torch.inference_mode()
    def read(self, tokens: Sequence[int]) -> Tensor:
        """These come next. Returns the scores of what follows them, `[1, vocabulary]`."""
        ids = torch.tensor([list(tokens)])
        given = {
            "input_ids": ids,
            "position_ids": next_positions(self._cache, ids),
            **dict.fromkeys(CACHE_ARGUMENTS, self._cache),
            "use_cache": True,
            "logits_to_keep": 1,
        }
        out = self.model(**{name: value for name, value in given.items() if name in self._accepted})
        self.tokens += tokens
        scores: Tensor = out.logits[:, -1].float()
        return scores


class DraftModel:
    """Drafts for one answer, made a token at a time by `work`.

    With the choice of the answer itself it throws the same dice: what both models find likely comes out
    alike.
    """

    kind = DRAFT_MODEL

    def __init__(
        self,
        take: Callable[[], Reader | None],
        prompt: Sequence[int],
        choice: LogitsProcessorList | None = None,
    ) -> None:
        """`take` is asked for a reader until there is one."""
        self._take = take
        self.reader: Reader | None = None
        self._choice = choice or LogitsProcessorList()
        self._known = list(prompt)
        self._ahead: list[int] = []
        self._row_seconds = UNIT_SECONDS / FIRST_PIECE
        self._seconds: deque[float] = deque(maxlen=MEASURED)  # of each of the last drafted tokens
        self._has_worked = False  # since the last token was chosen

    @property
    def seconds(self) -> float:
        """That a drafted token takes; 0: nobody knows yet."""
        return median(self._seconds) if len(self._seconds) >= LEAST_MEASURED else 0.0

    def push(self, token: int) -> None:
        self._known.append(token)
        if not self._has_worked and self._seconds:
            self._seconds.popleft()  # who is left alone for being slow is tried again some day
        self._has_worked = False
        if self._ahead and self._ahead[0] == token:
            del self._ahead[0]
            return
        self._ahead.clear()
        if self.reader is not None:
            self.reader.keep(len(self._known) - 1)

    def draft(self, longest: int) -> Draft | None:
        """At most `longest` of what is there already."""
        return Draft(self._ahead[:longest], self.kind) if self._ahead and longest > 0 else None

    def work(self, longest: int) -> bool:
        """Read a piece of the text, or draft one more token; False if `longest` are there, or cannot be."""
        text = len(self._known) + len(self._ahead)
        if len(self._ahead) >= longest or text >= MOST_TOKENS or (reader := self._begun()) is None:
            return False
        self._has_worked = True
        unread = self._from(len(reader.tokens), self._piece)
        began = time.monotonic()
        scores = reader.read(unread)
        if len(reader.tokens) == text:
            self._ahead.append(self._chosen(scores))
        self._note(len(unread), time.monotonic() - began)
        return True

    def _begun(self) -> Reader | None:
        if self.reader is None and (reader := self._take()) is not None:
            reader.keep(min(_shared(reader.tokens, self._known), len(self._known) - 1))
            self.reader = reader
        return self.reader

    @property
    def _piece(self) -> int:
        return max(1, min(MOST_AT_ONCE, int(UNIT_SECONDS / self._row_seconds)))

    def _from(self, start: int, count: int) -> list[int]:
        behind = start - len(self._known)
        if behind >= 0:
            return self._ahead[behind : behind + count]
        return [*self._known[start : start + count], *self._ahead[: max(0, count + behind)]]

    def _chosen(self, scores: Tensor) -> int:
        if self._choice:
            scores = self._choice(torch.LongTensor([[*self._known, *self._ahead]]), scores)
        return int(scores.argmax())

    def _note(self, rows: int, seconds: float) -> None:
        if rows > 1:
            self._row_seconds = seconds / rows
        else:
            self._seconds.append(seconds)


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading tokens agree."""
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
