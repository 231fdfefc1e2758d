"""A step that waits for its forward, or of which pieces have been run."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.host.forward import Forward
from engine.host.schedule import Waiting


@dataclass(frozen=True)
class StepResult:
    hidden: Tensor  # [tokens, hidden]
    compute_seconds: float


@dataclass
class Pending:
    waiting: Waiting
    left: Forward  # what is to be run
    result: "asyncio.Future[StepResult]"
    _outputs: list[Tensor] = field(default_factory=list)
    _seconds: float = 0.0

    def next(self, tokens: int) -> Forward:
        """The first of what is left."""
        return self.left if tokens == self.waiting.tokens else self.left.part(slice(tokens))

    def came_out(self, hidden: Tensor, seconds: float, now: float) -> None:
        """Of the first tokens of what is left. With the last ones the result is there."""
        step, tokens = self.waiting, len(hidden)
        self._outputs.append(hidden)
        self._seconds += seconds
        if tokens < step.tokens:
            self.left = self.left.part(slice(tokens, None))
            self.waiting = replace(
                step, tokens=step.tokens - tokens, length=step.length + tokens, arrived=now, held=False
            )
        elif not self.result.done():
            self.result.set_result(StepResult(_joined(self._outputs), self._seconds))

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


def _joined(outputs: Sequence[Tensor]) -> Tensor:
    return outputs[0] if len(outputs) == 1 else torch.cat(list(outputs))
