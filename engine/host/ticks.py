"""Decode ticks on a card: those of a size that comes often are captured, and run again without Python."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.host.capturing import Capture, Captured
from engine.host.decode_tick import TickInputs, blocks_of, run_tick
from engine.host.kv_cache import SessionCache
from engine.host.session_memory import Pool
from engine.host.tick_sizes import MOST_GRAPHS, OFTEN, TickSize, rounded_up
from engine.model.masks import MaskBuilder
from engine.model.span import Span

log = logging.getLogger("potluck.host")

_MOST_SIZES = 1 << 12  # that are counted


@dataclass(frozen=True)
class _Graph:
    inputs: TickInputs
    captured: Captured


class Ticks:
    """Runs ticks of one pool's sessions. Owned by the device's thread."""

    def __init__(
        self,
        memory: Pool,
        masks: MaskBuilder,
        hidden_size: int,
        capture: Capture | None,
        graph_bytes: int,
        often: int = OFTEN,
    ) -> None:
        """`capture`: None where nothing can be captured. `graph_bytes`: what all captured ticks may take."""
        self._memory, self._masks = memory, masks
        self._hidden_size = hidden_size
        self._capture = capture
        self._room = graph_bytes
        self._often = often
        self._graphs: OrderedDict[TickSize, _Graph] = OrderedDict()  # the latest used last
        self._taken = 0  # bytes
        self._came: Counter[TickSize] = Counter()  # how often, those that are not captured
        self._refused: set[TickSize] = set()
        self.replays = 0

    @property
    def captures(self) -> bool:
        return self._capture is not None

    def run(self, span: Span, sessions: Sequence[SessionCache], hidden: Tensor) -> Tensor | None:
        """`[rows, 1, hidden]`, from what came in in main memory. The sessions' lengths stay as they are.

        None: it is a single session's, and not captured; its keys are read where they lie.
        """
        self._memory.prepare(sessions)
        size = TickSize(span.start, span.end, rounded_up(len(sessions)), rounded_up(blocks_of(sessions)))
        graph = self._graphs.get(size) or self._new_graph(span, size, sessions, hidden)
        if graph is not None:
            return self._replay(size, graph, sessions, hidden)
        if len(sessions) == 1 and sessions[0].table.consecutive:
            return None
        inputs = self._inputs(span, len(sessions), blocks_of(sessions))
        inputs.fill(sessions, hidden)
        return run_tick(span, self._memory.pool, self._masks, inputs)

    def _replay(
        self, size: TickSize, graph: _Graph, sessions: Sequence[SessionCache], hidden: Tensor
    ) -> Tensor:
        graph.inputs.fill(sessions, hidden)
        graph.captured.replay()
        self._graphs.move_to_end(size)
        self.replays += 1
        return graph.captured.out[: len(sessions)].clone()

    def _inputs(self, span: Span, rows: int, blocks: int) -> TickInputs:
        return TickInputs(rows, blocks, self._hidden_size, span.dtype, span.device)

    # --- capturing

    def _new_graph(
        self, span: Span, size: TickSize, sessions: Sequence[SessionCache], hidden: Tensor
    ) -> _Graph | None:
        """None: this size is not captured, or not yet."""
        if self._capture is None or not size.is_bounded or not self._is_due(size):
            return None
        inputs = self._inputs(span, size.rows, size.blocks)
        inputs.fill(sessions, hidden)
        try:
            captured = self._capture.capture(lambda: run_tick(span, self._memory.pool, self._masks, inputs))
        except RuntimeError as error:
            log.warning("decode ticks of %d rows run without being captured: %s", size.rows, error)
            self._refused.add(size)
            return None
        return self._keep(size, _Graph(inputs, captured))

    def _is_due(self, size: TickSize) -> bool:
        if size in self._refused:
            return False
        if len(self._came) >= _MOST_SIZES:
            self._came.clear()
        self._came[size] += 1
        return self._came[size] >= self._often

    def _keep(self, size: TickSize, graph: _Graph) -> _Graph | None:
        """None where memory does not allow it: a graph gives back what it took only when all are gone."""
        del self._came[size]
        self._taken += graph.captured.nbytes
        if self._taken > self._room:
            self._forget_all()
            if graph.captured.nbytes > self._room:
                self._refused.add(size)
            return None
        self._graphs[size] = graph
        if len(self._graphs) > MOST_GRAPHS:
            self._graphs.popitem(last=False)
        return graph

    def _forget_all(self) -> None:
        self._graphs.clear()
        self._taken = 0
