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
from transformers import LogitsProcessorList

from engine.generate.prefixes import common_prefix
from engine.generate.sampling import contest
from engine.generate.speculation.confidence import Confidence
from engine.generate.speculation.draft_choice import MOST_TOKENS
from engine.generate.speculation.drafts import DRAFT_MODEL, Draft
from engine.generate.speculation.guesses import Guess, Place, main_line, worth_looking
from engine.model.branching import Path, Reader

PIECE = 32  # tokens that are read at once: after each piece it may be told to stop
MEASURED, LEAST_MEASURED = 8, 3  # drafted tokens that its pace is known from
MOST_GUESSES = 4  # of what follows one place
MOST_PLACES = 4  # that are looked at together
PLACE_COST = 0.15  # of each further one, of what one takes: coarse matrices are unpacked once for all of them

log = logging.getLogger("potluck.generate")


Scores = list[tuple[int, float]]  # tokens that may come next, the likeliest first


@dataclass(frozen=True)
class _Drafted:
    after: Sequence[Scores]  # what follows each of the places that were looked at
    seconds: float | None  # that it took; None: more than one token had to be read for it


class DraftModel:
    """Drafts for one answer, beside its thread, which calls all methods: a token at a time, and where the
    reader reads branches, those as well that nearly were the likeliest.

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
        confidence: Confidence | None = None,
    ) -> None:
        """`take` is asked for a reader until there is one. All that share a reader share `beside`, one thread
        in which readers work, and may share `confidence`.
        """
        self._take = take
        self.reader: Reader | None = None
        self._beside = beside
        self._choice = choice or LogitsProcessorList()
        self._is_permitted = is_permitted
        self._confidence = confidence or Confidence()
        self._known = list(prompt)
        self._root = Guess(prompt[-1])
        self._seconds: deque[float] = deque(maxlen=MEASURED)  # that the last times took
        self._has_worked = False  # since the last token was chosen
        self._under_way: Future[_Drafted | None] | None = None
        self._looked_at: Sequence[Guess] = ()  # by what is under way
        self._is_over = False
        self.has_failed = False

    @property
    def seconds(self) -> float:
        """That a drafted token takes; 0: nobody knows yet."""
        return median(self._seconds) if len(self._seconds) >= LEAST_MEASURED else 0.0

    @property
    def guesses(self) -> Guess | None:
        """What may follow the last token that was chosen; None where it drafts one line alone."""
        self._look()
        return self._root if self._reads_branches else None

    @property
    def _reads_branches(self) -> bool:
        return self.reader is not None and self.reader.branches

    def push(self, token: int) -> None:
        self._look()
        self._known.append(token)
        if not self._has_worked and self._seconds:
            self._seconds.popleft()  # who is left alone for being slow is tried again some day
        self._has_worked = self._under_way is not None
        ranks = [guess.token for guess in self._root.following]
        rank = ranks.index(token) if token in ranks else None
        if len(self._root.scores) > 1:
            self._confidence.note(self._root.scores, rank)
        self._root = Guess(token) if rank is None else self._root.following[rank]

    def draft(self, longest: int) -> Draft | None:
        """At most `longest` of what is there already."""
        self._look()
        ahead = main_line(self._root)
        return Draft(ahead[:longest], self.kind) if ahead and longest > 0 else None

    def work(self, longest: int) -> "Future[_Drafted | None] | None":
        """Draft one more. Returns what is under way; None if `longest` are there, or cannot be."""
        self._look()
        if self._under_way is None and (places := self._places(longest)) and (reader := self._begun()):
            self._has_worked = True
            self._looked_at = [place.guess for place in places]
            paths = [place.path for place in places]
            self._under_way = self._beside.submit(self._read, reader, list(self._known), paths)
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
            self.has_failed = not all(drafted.after)  # scores that are no numbers leave nothing
            if not self.has_failed:
                self._take_up(drafted)

    def _take_up(self, drafted: _Drafted) -> None:
        if drafted.seconds is not None:
            self._seconds.append(drafted.seconds)
        for guess, after in zip(self._looked_at, drafted.after, strict=True):
            tokens, guess.scores = zip(*after, strict=True)
            chances = self._confidence.chances(guess.scores) if len(tokens) > 1 else (1.0,)
            guess.following = [Guess(token, chance) for token, chance in zip(tokens, chances, strict=True)]

    def _places(self, longest: int) -> Sequence[Place]:
        """Whose followers to look for next."""
        if not self._is_wanted or self.has_failed:
            return ()
        longest = min(longest, MOST_TOKENS - len(self._known))
        return worth_looking(self._root, MOST_PLACES if self._reads_branches else 1, longest, _cost)

    @property
    def _is_wanted(self) -> bool:
        return self._is_permitted() and not self._is_over

    def _begun(self) -> Reader | None:
        if self.reader is None:
            self.reader = self._take()
        return self.reader

    # --- in the thread beside

    @torch.inference_mode()
    def _read(self, reader: Reader, text: list[int], paths: Sequence[Path]) -> _Drafted | None:
        """What follows `text` and each of these; None: nobody wants to know any more."""
        if not reader.branches:
            return self._read_on(reader, [*text, *paths[0]], most=1)
        reader.go_on(text)
        if paths[0] == ():
            return self._read_on(reader, text, MOST_GUESSES)
        began = time.monotonic()
        after = [
            self._likeliest([*text, *path], scores[None], MOST_GUESSES)
            for path, scores in zip(paths, reader.look(paths), strict=True)
        ]
        return _Drafted(after, time.monotonic() - began)

    def _read_on(self, reader: Reader, text: list[int], most: int) -> _Drafted | None:
        reader.keep(min(common_prefix(reader.tokens, text), len(text) - 1))
        unread = text[len(reader.tokens) :]
        while len(unread) > PIECE and self._is_wanted:
            reader.read(unread[:PIECE])
            del unread[:PIECE]
        if not self._is_wanted:
            return None
        began = time.monotonic()
        after = [self._likeliest(text, reader.read(unread), most)]
        return _Drafted(after, time.monotonic() - began if len(unread) == 1 else None)

    def _likeliest(self, text: list[int], scores: Tensor, most: int) -> Scores:
        """Those that may follow a text, of scores `[1, vocabulary]`."""
        numbers, tokens = contest(self._choice, torch.LongTensor([text]), scores)[0].topk(most)
        pairs = zip(tokens.tolist(), numbers.tolist(), strict=True)
        return [(token, number) for token, number in pairs if number > float("-inf")]


def _cost(places: int) -> float:
    """Of looking at what follows so many places at once, of one."""
    return 1 + PLACE_COST * (places - 1)
