"""Runs forwards of one span for many sessions. Owned by one thread; knows nothing of networks or queues."""

import time
from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.host.budget import BlockBudget
from engine.host.capturing import Capture
from engine.host.copies import to_main_memory
from engine.host.forward import Forward, run_forward
from engine.host.kv_cache import KeptPart, PooledCache, SessionCache
from engine.host.masks import shared_length
from engine.host.schedule import Layers
from engine.host.tick_sizes import OFTEN
from engine.host.tick_trial import with_ticks
from engine.host.trials import find_setup
from engine.model.extras import StepExtras
from engine.model.masks import branch_masks
from engine.model.span import Span

MAX_PARTS = 16  # of a span, kept ready for clients that want fewer layers


class SpanRunner:
    """The span, what it remembers of its sessions, and the shared forward of several sessions' steps."""

    def __init__(
        self,
        span: Span,
        hidden_size: int,
        cache_bytes: int,
        causal: bool = True,
        capture: Capture | None = None,
        graph_bytes: int = 0,
    ) -> None:
        """`capture`: for decode ticks; None where nothing can be captured. `graph_bytes`: what those take at
        most.
        """
        self.span = span
        self.hidden_size = hidden_size
        self.causal = causal  # False: an encoder
        self._parts: OrderedDict[Layers, Span] = OrderedDict()  # the latest used last
        setup = find_setup(span, hidden_size, cache_bytes, causal)
        self._setup = with_ticks(span, setup, hidden_size, capture, graph_bytes)
        self._memory = self._setup.memory
        self._shared_length = shared_length(span.config)
        self.step_seconds = self._time_a_step()  # also takes the pool's memory now, or fails now

    @property
    def layers(self) -> Layers:
        return self.span.start, self.span.end

    @property
    def batches_sessions(self) -> bool:
        return self._setup.shares_forwards

    @property
    def goes_back(self) -> bool:
        """Whether a step may come at an earlier position than its session has reached."""
        return self._memory.goes_back

    @property
    def continues(self) -> bool:
        """Whether a step of several tokens may be run in pieces, one after the other."""
        return self.causal and self._setup.continues

    @property
    def spans(self) -> float:
        """How many of this size make up the model."""
        return float(self.span.config.num_hidden_layers) / self.span.n_layers

    @property
    def can_fork(self) -> bool:
        """Whether a session may begin with what another one holds."""
        return self._memory.pool is not None

    # --- room

    @property
    def budget(self) -> BlockBudget:
        return self._memory.budget

    @property
    def bytes_per_token(self) -> int:
        """That a session takes for each further position."""
        size = self.budget.size
        return size.bytes // size.tokens

    @property
    def cache_used_bytes(self) -> int:
        return self.budget.used * self.budget.size.bytes

    @property
    def cache_budget_bytes(self) -> int:
        return self.budget.total * self.budget.size.bytes

    @property
    def budget_tokens(self) -> int:
        """Positions that one session can have."""
        return self.budget.size.room(self.budget.total)

    @property
    def free_tokens(self) -> int:
        """Positions that one more session can have now."""
        return self.budget.size.room(self.budget.free)

    def reserve(self, session: SessionCache, position: int, tokens: int) -> None:
        """Crop to `position` and make room for `tokens` more.

        Raises NoRoom, leaving the session as it was.
        """
        self._memory.reserve(session, position, tokens)

    def blocks_lacking(self, session: SessionCache, position: int, tokens: int) -> int:
        """Blocks that are not free, but needed for `tokens` more at `position`."""
        return self.budget.lacking(session.table, position + tokens, position)

    def settle(self, session: SessionCache) -> None:
        """After a forward: let go of what was needed for it alone."""
        self.budget.settle(session.table)

    def release(self, session: SessionCache) -> None:
        self._memory.release(session)

    @property
    def pool(self) -> PooledCache | None:
        """The keys and values of all sessions; None where sessions keep something else."""
        return self._memory.pool

    def parts_of(self, layers: Layers) -> tuple[KeptPart, ...]:
        """What these layers keep of a session in the pool; empty before the first forward, or without one."""
        return () if self.pool is None else self.pool.parts(self.span.slots_of(*layers))

    # --- forwards

    def runs_alone(self, length: int, extras: StepExtras | None) -> bool:
        """Whether the step that brings a session to `length` shares its forward with no other."""
        too_long = self._shared_length is not None and length >= self._shared_length
        return too_long or (extras is not None and bool(extras.masks))

    def takes(self, axes: int, mask_kinds: Sequence[str]) -> bool:
        """Whether the span can make use of positions of so many axes, and of masks for these layers."""
        masks = self._setup.masks
        fitting = not mask_kinds or (masks is not None and masks.takes(mask_kinds))
        return self.causal and axes in self._setup.axes and fitting

    @property
    def takes_branches(self) -> bool:
        """Whether a step may bring several branches of a text."""
        kinds = branch_masks(self.span.config, trunk=0, end=1, paths=[[(0, 0)]])
        return self.takes(1, tuple(kinds))

    def run(self, forwards: Sequence[Forward], layers: Layers) -> list[Tensor]:
        """The outputs `[tokens, hidden]`, in order and in main memory. All hold equally many tokens; several
        only if they hold one, or are texts for an encoder.

        The sessions must have room (`reserve`); they are as much longer afterwards.
        """
        return to_main_memory(run_forward(self._part(layers), self._setup, forwards))

    def _part(self, layers: Layers) -> Span:
        if layers == self.layers:
            return self.span
        if layers not in self._parts:
            self._parts[layers] = self.span.narrow(*layers)
        self._parts.move_to_end(layers)
        if len(self._parts) > MAX_PARTS:
            self._parts.popitem(last=False)[1].detach()
        return self._parts[layers]

    def _time_a_step(self) -> float:
        """Seconds of one step through the whole span, captured if it can be; the trials have warmed it up."""
        session = SessionCache()
        for _ in range(1 if self._setup.ticks is None else 1 + OFTEN):
            self.reserve(session, 0, 1)
            started = time.perf_counter()
            self.run([Forward(session, torch.zeros(1, self.hidden_size))], self.layers)
            seconds = time.perf_counter() - started
        self.release(session)
        return seconds
