"""Drafts by a model that runs on this computer beside the chat, which never waits for it."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor
from transformers import LogitsProcessorList, PreTrainedModel
from transformers.cache_utils import DynamicCache

from engine.generate.speculation.draft_choice import MOST_TOKENS
from engine.generate.speculation.drafts import DRAFT_MODEL, Draft
from engine.model.span import CACHE_ARGUMENTS, accepted_by, next_positions

PIECE = 32  # tokens that are read at once: after each piece it may be told to stop
MEASURED, LEAST_MEASURED = 8, 3  # drafted tokens that its pace is known from

log = logging.getLogger("potluck.generate")


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


@dataclass(frozen=True)
class _Drafted:
    token: int
    seconds: float | None  # that it took; None: more than one token had to be read for it


class DraftModel:
    """Drafts for one answer, a token at a time, in a thread beside the answer's own, which calls all methods.

    With the choice of the answer itself it throws the same dice: what both models find likely comes out
    alike.
    """

    kind = DRAFT_MODEL

    def __init__(
        self,
        take: Callable[[], Reader | None],
        prompt: Sequence[int],
        beside: Executor,
        choice: LogitsProcessorList | None = None,
        is_permitted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`take` is asked for a reader until there is one. All that share a reader share `beside`, one thread
        in which readers work.
        """
        self._take = take
        self.reader: Reader | None = None
        self._beside = beside
        self._choice = choice or LogitsProcessorList()
        self._is_permitted = is_permitted
        self._known = list(prompt)
        self._ahead: list[int] = []
        self._seconds: deque[float] = deque(maxlen=MEASURED)  # of each of the last drafted tokens
        self._has_worked = False  # since the last token was chosen
        self._under_way: Future[_Drafted | None] | None = None
        self._goes_astray = False  # what is under way follows a text that the answer has left
        self._is_over = False
        self.has_failed = False

    @property
    def seconds(self) -> float:
        """That a drafted token takes; 0: nobody knows yet."""
        return median(self._seconds) if len(self._seconds) >= LEAST_MEASURED else 0.0

    def push(self, token: int) -> None:
        self._look()
        self._known.append(token)
        if not self._has_worked and self._seconds:
            self._seconds.popleft()  # who is left alone for being slow is tried again some day
        self._has_worked = self._under_way is not None
        if self._ahead and self._ahead[0] == token:
            del self._ahead[0]
            return
        self._ahead.clear()
        self._goes_astray = True

    def draft(self, longest: int) -> Draft | None:
        """At most `longest` of what is there already."""
        self._look()
        return Draft(self._ahead[:longest], self.kind) if self._ahead and longest > 0 else None

    def work(self, longest: int) -> "Future[_Drafted | None] | None":
        """Draft one more token. Returns what is under way; None if `longest` are there, or cannot be."""
        self._look()
        if self._under_way is None and self._may_go_on(longest) and (reader := self._begun()) is not None:
            self._has_worked, self._goes_astray = True, False
            self._under_way = self._beside.submit(self._read, reader, [*self._known, *self._ahead])
        return self._under_way

    def end(self) -> None:
        """The answer is over."""
        self._is_over = True

    def _look(self) -> None:
        """At what has become of what was under way."""
        if self._under_way is None or not self._under_way.done():
            return
        done, self._under_way = self._under_way, None
        if (error := done.exception()) is not None:  # a draft model is never missed
            log.warning("The draft model fails: %r", error)
            self.has_failed = True
        elif (drafted := done.result()) is not None:
            self._take_up(drafted)

    def _take_up(self, drafted: _Drafted) -> None:
        if drafted.seconds is not None:
            self._seconds.append(drafted.seconds)
        if not self._goes_astray:
            self._ahead.append(drafted.token)

    def _may_go_on(self, longest: int) -> bool:
        if len(self._ahead) >= longest or len(self._known) + len(self._ahead) >= MOST_TOKENS:
            return False
        return self._is_wanted and not self.has_failed

    @property
    def _is_wanted(self) -> bool:
        return self._is_permitted() and not self._is_over

    def _begun(self) -> Reader | None:
        if self.reader is None:
            self.reader = self._take()
        return self.reader

    # --- in the thread beside

    @torch.inference_mode()
    def _read(self, reader: Reader, text: list[int]) -> _Drafted | None:
        """What follows `text`; None: nobody wants to know any more."""
        reader.keep(min(_shared(reader.tokens, text), len(text) - 1))
        unread = text[len(reader.tokens) :]
        while len(unread) > PIECE and self._is_wanted:
            reader.read(unread[:PIECE])
            del unread[:PIECE]
        if not self._is_wanted:
            return None
        began = time.monotonic()
        token = self._chosen(text, reader.read(unread))
        return _Drafted(token, time.monotonic() - began if len(unread) == 1 else None)

    def _chosen(self, text: list[int], scores: Tensor) -> int:
        if self._choice:
            scores = self._choice(torch.LongTensor([text]), scores)
        return int(scores.argmax())


def _shared(a: list[int], b: list[int]) -> int:
    """How many leading tokens agree."""
    if a == b[: len(a)]:
        return len(a)
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
