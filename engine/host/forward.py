"""One forward of a span for one session, or for several at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.host.kv_cache import SessionCache
from engine.host.masks import MaskBuilder, Masks
from engine.host.session_memory import SessionMemory
from engine.model.extras import StepExtras
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


@dataclass(frozen=True)
class Setup:
    """How a span's forwards are done, as trials have shown."""

    memory: SessionMemory
    masks: MaskBuilder | None = None  # None: the span takes no masks
    axes: frozenset[int] = frozenset({1})  # of the positions that it takes
    shares_forwards: bool = False
    continues: bool = True  # False: of several tokens at once only a text's first ones come out right


def run_forward(span: Span, setup: Setup, forwards: Sequence[Forward]) -> list[Tensor]:
    """The outputs `[tokens, hidden]`, in order. All hold equally many tokens.

    The sessions must have room; they are as much longer afterwards.
    """
    if len(forwards) > 1 and not setup.shares_forwards:
        raise ValueError("this model's sessions run one at a time")
    if not setup.continues and forwards[0].session.length and len(forwards[0].hidden) > 1:
        return [torch.cat([run_forward(span, setup, [one])[0] for one in _one_by_one(forwards[0])])]
    sessions = [forward.session for forward in forwards]
    hidden = torch.stack([forward.hidden for forward in forwards]).to(span.device, span.dtype)
    cache = setup.memory.cache_of(sessions, hidden.shape[1], span)
    if cache is None:
        return list(span.forward(hidden, None))
    out = span.forward(hidden, cache, _positions(forwards, span.device), _masks(span, setup, forwards))
    for session in sessions:
        setup.memory.advance(session, hidden.shape[1])
    return list(out)


def _one_by_one(forward: Forward) -> Iterator[Forward]:
    """The same tokens, each in a forward of its own."""
    for at, hidden in enumerate(forward.hidden.split(1)):
        positions = forward.extras.positions[:, at : at + 1] if forward.axes and forward.extras else None
        yield Forward(forward.session, hidden, StepExtras(positions) if forward.axes else None)


def _positions(forwards: Sequence[Forward], device: torch.device) -> Tensor | None:
    """`[rows, tokens]`, or `[axes, rows, tokens]` where a row brings several axes; None: the model counts."""
    axes = max(forward.axes for forward in forwards)
    if axes == 0 and len(forwards) == 1:
        return None
    if axes == 0:
        return torch.tensor([forward.session.length for forward in forwards], device=device)[:, None]
    rows = [_positions_of(forward).expand(axes, -1) for forward in forwards]
    stacked = torch.stack(rows, dim=1).to(device)
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
