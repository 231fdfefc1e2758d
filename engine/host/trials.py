"""What a span can do is found out at start by trying, not known by its name."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from engine.api.sentences import said
from engine.errors import UnsupportedModel
from engine.host.budget import BLOCK_TOKENS, BlockBudget, BlockSize
from engine.host.forward import Forward, Setup, run_forward
from engine.host.kv_cache import SessionCache
from engine.host.own_cache import kept_bytes
from engine.host.session_memory import Nothing, OwnCaches, Pool
from engine.model.cache_slots import holds_only_keys_and_values
from engine.model.extras import StepExtras
from engine.model.masks import MaskBuilder, mask_forms
from engine.model.span import Span

# How far a shared forward may differ from separate ones, relative to the largest number that comes out,
# and still count as the same computation in another order of summation.
SAME_COMPUTATION = {torch.float32: 1e-4, torch.bfloat16: 5e-2, torch.float16: 1e-2}

_LENGTHS = (3, 5)
_SMALL_WINDOW = 64  # tokens: of sliding attention, small enough to be tried beyond its end
_BLOCKS = 4
_AXES = (2, 3, 4)
# A model that takes something in another form fails in a way of its own.
_FAILURES = (TypeError, ValueError, RuntimeError, KeyError, AttributeError, IndexError)

Result = TypeVar("Result")


def find_setup(span: Span, hidden_size: int, cache_bytes: int, causal: bool) -> Setup:
    """How to run this span, with a cache of so many bytes.

    Raises UnsupportedModel, or what the model raises if it does not run.
    """
    if not causal:
        return Setup(Nothing(), shares_forwards=True)
    if span.new_cache() is None:
        raise UnsupportedModel(
            said("This model's layers remember nothing of a text, so it cannot be continued.")
        )
    trials = _Trials(span, hidden_size)
    if trials.pool_works:
        return trials.pooled(cache_bytes)
    return trials.with_own_caches(cache_bytes)


class _Trials:
    def __init__(self, span: Span, hidden_size: int) -> None:
        self._span = span
        self._hidden_size = hidden_size
        self._prompts = [self._noise(tokens) for tokens in _lengths(span)]
        self._nexts = [self._noise(1) for _ in self._prompts]
        self._pool = Pool(span, BlockBudget(_BLOCKS))
        self._alone: list[Tensor] = []  # what each session gets for itself
        self.pool_works = self._try_pool()

    def pooled(self, cache_bytes: int) -> Setup:
        size = self._pool.block_size
        masks = self._find_masks()
        return Setup(
            Pool(self._span, BlockBudget(size.total(cache_bytes), size)),
            masks,
            self._find_axes(Setup(self._pool)),
            shares_forwards=masks is not None,
        )

    def with_own_caches(self, cache_bytes: int) -> Setup:
        setup = Setup(OwnCaches(BlockBudget(_BLOCKS)))
        size = self._own_size(setup)
        memory = OwnCaches(BlockBudget(size.total(cache_bytes), size))
        return Setup(memory, axes=self._find_axes(setup), continues=self._continues(setup))

    def _continues(self, setup: Setup) -> bool:
        """Whether several tokens at once may follow others.

        Some models forget their state then. The error of single tokens is the measure: they never do.
        """
        start, rest = self._noise(sum(_LENGTHS)).split(_LENGTHS[::-1])
        whole = self._in_pieces(setup, [torch.cat([start, rest])])[len(start) :]
        at_once = self._in_pieces(setup, [start, rest])[len(start) :]
        singly = self._in_pieces(setup, [start, *rest.split(1)])[len(start) :]
        rounding = max(_farthest(singly, whole), torch.finfo(whole.dtype).eps * whole.abs().max().item())
        return _farthest(at_once, whole) <= 8 * rounding

    def _in_pieces(self, setup: Setup, pieces: Sequence[Tensor]) -> Tensor:
        """`[tokens, hidden]` of one session's pieces, one after the other."""
        session, outputs = SessionCache(), []
        for piece in pieces:
            setup.memory.reserve(session, session.length, len(piece))
            outputs += run_forward(self._span, setup, [Forward(session, piece)])
        setup.memory.release(session)
        return torch.cat(outputs)

    def _try_pool(self) -> bool:
        """Whether the pool gives what the model's own cache gives."""
        if not holds_only_keys_and_values(self._span.new_cache()):
            return False
        one = slice(-1, None)
        own = Setup(OwnCaches(BlockBudget(_BLOCKS)))
        expected = self._after(own, self._prompts[one], self._nexts[one])
        pooled = _attempt(lambda: [self._one_by_one(Setup(self._pool), i) for i in range(len(self._prompts))])
        if pooled is None or not all_same(expected, pooled[one]):
            return False
        self._alone = pooled
        return True

    def _one_by_one(self, setup: Setup, index: int) -> Tensor:
        return self._after(setup, [self._prompts[index]], [self._nexts[index]])[0]

    def _find_masks(self) -> MaskBuilder | None:
        """The first form of masks with which rows of different lengths come out as they do alone."""
        for form in mask_forms(self._span.config):
            masks = MaskBuilder(self._span.config, form)
            setup = Setup(self._pool, masks, shares_forwards=True)
            if all_same(self._alone, self._attempt_together(setup)):
                return masks
        return None

    def _attempt_together(self, setup: Setup) -> list[Tensor] | None:
        return _attempt(lambda: self._after(setup, self._prompts, self._nexts))

    def _find_axes(self, setup: Setup) -> frozenset[int]:
        """How many axes of positions the model takes: those that give, all counted, what plain text gives."""
        [plain] = self._after(setup, [], self._prompts[:1])
        counted = torch.arange(len(plain))
        taken = {1}
        for axes in _AXES:
            extras = StepExtras(counted.expand(axes, -1))
            out = _attempt(lambda extras=extras: self._after(setup, [], self._prompts[:1], extras))
            if all_same([plain], out):
                taken.add(axes)
        return frozenset(taken)

    def _own_size(self, setup: Setup) -> BlockSize:
        """What a session's own cache takes, at first and for each further position."""
        session = SessionCache()
        sizes = []
        for tokens in (BLOCK_TOKENS // 8, BLOCK_TOKENS):
            setup.memory.reserve(session, session.length, tokens)
            run_forward(self._span, setup, [Forward(session, self._noise(tokens))])
            sizes.append(kept_bytes(session.own))
        setup.memory.release(session)
        return own_block_size(sizes[0], sizes[1], BLOCK_TOKENS // 8)

    def _after(
        self,
        setup: Setup,
        prompts: Sequence[Tensor],
        nexts: Sequence[Tensor],
        extras: StepExtras | None = None,
    ) -> list[Tensor]:
        """Outputs of the `nexts`, after each prompt was run alone."""
        sessions = [SessionCache() for _ in nexts]
        try:
            for session, prompt in zip(sessions, prompts, strict=False):
                setup.memory.reserve(session, 0, len(prompt))
                run_forward(self._span, setup, [Forward(session, prompt)])
            for session, hidden in zip(sessions, nexts, strict=True):
                setup.memory.reserve(session, session.length, len(hidden))
            forwards = [
                Forward(session, hidden, extras) for session, hidden in zip(sessions, nexts, strict=True)
            ]
            return run_forward(self._span, setup, forwards)
        finally:
            for session in sessions:
                setup.memory.release(session)

    def _noise(self, tokens: int) -> Tensor:
        return noise(tokens, self._hidden_size)


def noise(tokens: int, hidden_size: int) -> Tensor:
    """Made-up states `[tokens, hidden]`, the same each time."""
    return torch.randn(tokens, hidden_size, generator=torch.Generator().manual_seed(tokens))


def _lengths(span: Span) -> tuple[int, int]:
    """Of two prompts, of which one is longer than what sliding attention sees, if that is little."""
    window = getattr(span.config, "sliding_window", None) or 0
    return _LENGTHS[0], window + 2 if _LENGTHS[1] <= window <= _SMALL_WINDOW else _LENGTHS[1]


def own_block_size(first: int, second: int, tokens: int) -> BlockSize:
    """From the bytes of a cache after `tokens` positions, and after a block more."""
    growth = second - first
    if growth <= 0:
        return BlockSize(max(1, second), tokens=1 << 20)  # a state of one size, however long the session is
    constant = first - growth * tokens // BLOCK_TOKENS
    return BlockSize(growth, session_blocks=-(-max(0, constant) // growth))


def _attempt(act: Callable[[], Result]) -> Result | None:
    try:
        return act()
    except _FAILURES:
        return None


def all_same(expected: Sequence[Tensor], got: Sequence[Tensor] | None) -> bool:
    return got is not None and all(_same(a, b) for a, b in zip(expected, got, strict=True))


def _farthest(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def _same(a: Tensor, b: Tensor) -> bool:
    tolerance = SAME_COMPUTATION.get(a.dtype, 5e-2) * max(1.0, a.abs().max().item())
    if a.shape != b.shape or not torch.isfinite(a).all().item():
        return False
    return _farthest(a, b) <= tolerance
