"""One forward of a span for one session, or for several at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.host.copies import to_device
from engine.host.kv_cache import SessionCache
from engine.host.schedule import rows_in_bounds, tokens_in_bounds
from engine.host.session_memory import Nothing, SessionMemory
from engine.host.ticks import Ticks
from engine.model.extras import StepExtras
from engine.model.masks import MaskBuilder, Masks
from engine.model.span import Span


@dataclass(frozen=True)
class Forward:
    """One session's share of a forward: new hidden states `[tokens, hidden]` at the session's length."""

    session: SessionCache
    hidden: Tensor
    extras: StepExtras | None = None

    @property
    def axes(self) -> int:
        """Of the positions that it brings."""
        return 0 if self.extras is None or self.extras.positions is None else len(self.extras.positions)

    def part(self, tokens: slice) -> "Forward":
        """Some of its tokens. They bring no masks: nobody cuts a step that does."""
        extras = self.extras
        if extras is not None and extras.positions is not None:
            extras = StepExtras(extras.positions[:, tokens])
        return Forward(self.session, self.hidden[tokens], extras)


@dataclass(frozen=True)
class Setup:
    """How a span's forwards are done, as trials have shown."""

    memory: SessionMemory
    masks: MaskBuilder | None = None  # None: the span takes no masks
    axes: frozenset[int] = frozenset({1})  # of the positions that it takes
    shares_forwards: bool = False
    ticks: Ticks | None = None  # None: decode steps run as all others do
    continues: bool = True  # False: of several tokens at once only a text's first ones come out right


def run_forward(span: Span, setup: Setup, forwards: Sequence[Forward]) -> list[Tensor]:
    """The outputs `[tokens, hidden]`, in order. All hold equally many tokens.

    The sessions must have room; they are as much longer afterwards.
    """
    if len(forwards) > 1 and not setup.shares_forwards:
        raise ValueError("this model's sessions run one at a time")
    if not setup.continues and forwards[0].session.length and len(forwards[0].hidden) > 1:
        return _in_pieces(span, setup, forwards[0], 1)
    if builds_scores(span) and not isinstance(setup.memory, Nothing):
        bounded = _within_bounds(span, setup, forwards)
        if bounded is not None:
            return bounded
    states = torch.stack([forward.hidden for forward in forwards])
    out = _tick(span, setup, forwards, states)
    if out is None:
        out = _forward(span, setup, forwards, to_device(states, span.device, span.dtype))
    for forward in forwards:
        setup.memory.advance(forward.session, states.shape[1])
    return list(out)


def _tick(span: Span, setup: Setup, forwards: Sequence[Forward], states: Tensor) -> Tensor | None:
    """None: it is no decode tick, or nothing is gained by running it as one."""
    if setup.ticks is None or states.shape[1] != 1 or any(forward.extras for forward in forwards):
        return None
    return setup.ticks.run(span, [forward.session for forward in forwards], states)


def _forward(span: Span, setup: Setup, forwards: Sequence[Forward], hidden: Tensor) -> Tensor:
    """`[rows, tokens, hidden]` in and out."""
    sessions = [forward.session for forward in forwards]
    cache = setup.memory.cache_of(sessions, hidden.shape[1], span)
    if cache is None:
        return span.forward(hidden, None)
    return span.forward(hidden, cache, _positions(forwards, span.device), _masks(span, setup, forwards))


def builds_scores(span: Span) -> bool:
    """Whether attention makes all scores of a forward before it uses them.

    torch's fused kernels do not, where there are such: for NVIDIA's cards, and on a CPU if keys are as wide
    as values.
    """
    config, device = span.config, span.device.type
    if getattr(config, "_attn_implementation", None) != "sdpa":
        return True
    if device == "cuda":
        return torch.version.hip is not None
    return device != "cpu" or hasattr(config, "v_head_dim")


def _within_bounds(span: Span, setup: Setup, forwards: Sequence[Forward]) -> list[Tensor] | None:
    """The outputs by smaller forwards; None if this one's attention stays within its bounds."""
    tokens = len(forwards[0].hidden)
    keys = max(forward.session.length for forward in forwards) + tokens
    if len(forwards) > 1:
        rows = rows_in_bounds(keys)
        parts = [forwards[at : at + rows] for at in range(0, len(forwards), rows)]
        return None if len(parts) == 1 else [out for part in parts for out in run_forward(span, setup, part)]
    has_masks = forwards[0].extras is not None and bool(forwards[0].extras.masks)
    size = tokens_in_bounds(keys)
    return None if has_masks or size >= tokens else _in_pieces(span, setup, forwards[0], size)


def _in_pieces(span: Span, setup: Setup, forward: Forward, size: int) -> list[Tensor]:
    """The output of one session's tokens, so many at a time."""
    return [torch.cat([run_forward(span, setup, [piece])[0] for piece in _pieces(forward, size)])]


def _pieces(forward: Forward, size: int) -> Iterator[Forward]:
    return (forward.part(slice(at, at + size)) for at in range(0, len(forward.hidden), size))


def _positions(forwards: Sequence[Forward], device: torch.device) -> Tensor | None:
    """`[rows, tokens]`, or `[axes, rows, tokens]` where a row brings several axes; None: the model counts."""
    axes = max(forward.axes for forward in forwards)
    if axes == 0 and len(forwards) == 1:
        return None
    if axes == 0:
        return torch.tensor([forward.session.length for forward in forwards], device=device)[:, None]
    rows = [_positions_of(forward).expand(axes, -1) for forward in forwards]
    stacked = to_device(torch.stack(rows, dim=1), device, torch.int64)
    return stacked[0] if axes == 1 else stacked


def _positions_of(forward: Forward) -> Tensor:
    """`[axes, tokens]`; the same on every axis for plain text."""
    if forward.extras is not None and forward.extras.positions is not None:
        return forward.extras.positions
    start = forward.session.length
    return torch.arange(start, start + len(forward.hidden))[None]


def _masks(span: Span, setup: Setup, forwards: Sequence[Forward]) -> Masks | None:
    """None: the model makes them itself."""
    extras = forwards[0].extras
    if len(forwards) == 1 and not (extras and extras.masks):
        return None
    if setup.masks is None:
        raise ValueError("this model takes no masks")
    if extras and extras.masks:
        return setup.masks.for_step(extras.masks, span.dtype, span.device)
    lengths = [forward.session.length for forward in forwards]
    return setup.masks.for_rows(lengths, span.dtype, span.device)
