"""Runs forwards of one span for many sessions. Owned by one thread; knows nothing of networks or queues."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.host.budget import BLOCK_TOKENS, BlockBudget, blocks_for
from engine.host.kv_cache import PooledCache, SessionCache
from engine.host.masks import DecodeMasks, mask_forms
from engine.host.schedule import Layers
from engine.model.span import Span

# How far a shared forward may differ from separate ones, relative to the largest number that comes out,
# and still
# count as the same computation in another order of summation.
SAME_COMPUTATION = {torch.float32: 1e-4, torch.bfloat16: 5e-2, torch.float16: 1e-2}


MAX_PARTS = 16  # of a span, kept ready for clients that want fewer layers


@dataclass(frozen=True)
class Forward:
    """One session's share of a forward: new hidden states `[tokens, hidden]` at the session's length."""

    session: SessionCache
    hidden: Tensor


class SpanRunner:
    """The span, its cache pool, and the shared forward of several sessions' decode steps."""

    def __init__(self, span: Span, hidden_size: int, cache_bytes: int) -> None:
        self.span = span
        self.hidden_size = hidden_size
        self._parts: OrderedDict[Layers, Span] = OrderedDict()  # the latest used last
        self.masks: DecodeMasks | None = None
        self._use_pool(BlockBudget(_TRIAL_BLOCKS))
        self.masks = self._find_masks()
        self.bytes_per_token = self._cache.bytes_per_token
        self._use_pool(BlockBudget(max(1, cache_bytes // (self.bytes_per_token * BLOCK_TOKENS))))
        self.step_seconds = self._time_a_step()  # also takes the pool's memory now, or fails now

    @property
    def layers(self) -> Layers:
        return self.span.start, self.span.end

    @property
    def batches_sessions(self) -> bool:
        return self.masks is not None

    @property
    def cache_used_bytes(self) -> int:
        return self.budget.used * BLOCK_TOKENS * self.bytes_per_token

    @property
    def cache_budget_bytes(self) -> int:
        return self.budget.total * BLOCK_TOKENS * self.bytes_per_token

    @property
    def budget_tokens(self) -> int:
        return self.budget.total * BLOCK_TOKENS

    @property
    def free_tokens(self) -> int:
        return self.budget.free * BLOCK_TOKENS

    def _use_pool(self, budget: BlockBudget) -> None:
        self.budget = budget
        self._cache = PooledCache(self.span.cache_slots, budget)

    def reserve(self, session: SessionCache, position: int, tokens: int) -> None:
        """Crop to `position` and make room for `tokens` more. Raises NoRoom, leaving the session as it
        was.
        """
        self.budget.grow(session.table, position + tokens)
        session.length = position
        self.budget.shrink(session.table, position + tokens)

    def blocks_lacking(self, session: SessionCache, tokens: int) -> int:
        """Blocks that are not free, but needed for `tokens` positions in all."""
        return max(0, blocks_for(tokens) - len(session.table.blocks) - self.budget.free)

    def release(self, session: SessionCache) -> None:
        self.budget.shrink(session.table, 0)
        session.length = 0

    def run(self, forwards: Sequence[Forward], layers: Layers) -> list[Tensor]:
        """The outputs `[tokens, hidden]`, in order. All hold equally many tokens; several only if they hold
        one.

        The sessions must have room (`reserve`); they are as much longer afterwards.
        """
        span = self._part(layers)
        sessions = [forward.session for forward in forwards]
        hidden = torch.stack([forward.hidden for forward in forwards]).to(span.device, span.dtype)
        tokens = hidden.shape[1]
        self._cache.point_at(sessions, tokens, span.device)
        if len(sessions) == 1:
            out = span.forward(hidden, self._cache)
        else:
            out = self._run_rows(span, hidden, [session.length for session in sessions])
        for session in sessions:
            session.length += tokens
        return list(out)

    def _run_rows(self, span: Span, hidden: Tensor, lengths: list[int]) -> Tensor:
        if self.masks is None:
            raise ValueError("this model's sessions run one at a time")
        positions = torch.tensor(lengths, device=span.device)[:, None]
        mask = self.masks.build(lengths, span.dtype, span.device)
        return span.forward(hidden, self._cache, positions, mask)

    def _part(self, layers: Layers) -> Span:
        if layers == self.layers:
            return self.span
        if layers not in self._parts:
            self._parts[layers] = self.span.narrow(*layers)
        self._parts.move_to_end(layers)
        if len(self._parts) > MAX_PARTS:
            self._parts.popitem(last=False)[1].detach()
        return self._parts[layers]

    # --- trials at start

    def _find_masks(self) -> DecodeMasks | None:
        """The first form of masks with which rows of different lengths come out as they do alone; None: run
        alone.
        """
        prompts = [self._noise(tokens) for tokens in _TRIAL_LENGTHS]
        nexts = [self._noise(1) for _ in prompts]
        alone = [self._trial([p], [n])[0] for p, n in zip(prompts, nexts, strict=True)]
        for form in mask_forms(self.span.config):
            self.masks = DecodeMasks(self.span.config, form)
            try:
                together = self._trial(prompts, nexts)
            except (TypeError, ValueError, RuntimeError, KeyError, AttributeError, IndexError):
                continue  # a model that takes another form of mask fails in a way of its own
            if all(_same(a, b) for a, b in zip(alone, together, strict=True)):
                return self.masks
        return None

    def _trial(self, prompts: list[Tensor], nexts: list[Tensor]) -> list[Tensor]:
        """Outputs of the `nexts`, after each prompt was run alone."""
        sessions = [SessionCache() for _ in prompts]
        try:
            for session, prompt in zip(sessions, prompts, strict=True):
                self.reserve(session, 0, len(prompt) + 1)
                self.run([Forward(session, prompt)], self.layers)
            return self.run([Forward(s, n) for s, n in zip(sessions, nexts, strict=True)], self.layers)
        finally:
            for session in sessions:
                self.release(session)

    def _time_a_step(self) -> float:
        """Seconds of one decode step through the whole span; the trials have warmed it up."""
        session = SessionCache()
        self.reserve(session, 0, 2)
        started = time.perf_counter()
        self.run([Forward(session, self._noise(1))], self.layers)
        self.release(session)
        return time.perf_counter() - started

    def _noise(self, tokens: int) -> Tensor:
        generator = torch.Generator().manual_seed(tokens)
        return torch.randn(tokens, self.hidden_size, generator=generator)


_TRIAL_LENGTHS = (3, 5)
_TRIAL_BLOCKS = 4


def _same(a: Tensor, b: Tensor) -> bool:
    tolerance = SAME_COMPUTATION.get(a.dtype, 5e-2) * max(1.0, a.abs().max().item())
    return torch.isfinite(a).all().item() and (a - b).abs().max().item() <= tolerance
