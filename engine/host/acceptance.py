"""Which steps a server takes: what is too large, out of place or nonsense ends before it is computed."""

import torch
from torch import Tensor

from engine.errors import ProtocolViolation
from engine.host.hosted_session import HostedSession
from engine.host.runner import SpanRunner
from engine.model.extras import StepExtras
from engine.wire.messages import (
    MAX_MASK_BYTES,
    MAX_MASKED_TOKENS,
    MAX_SESSION_TOKENS,
    MAX_STEP_TOKENS,
    Refusal,
    RefusalCode,
    Step,
    text_limit,
)
from engine.wire.tensors import unpack, unpack_extras


class Refused(Exception):
    """What a peer asks for is not done, for a reason that it is told."""

    def __init__(self, code: RefusalCode, text: str) -> None:
        super().__init__(text)
        self.refusal = Refusal(code=code, text=text[:500])


class Acceptance:
    """What the steps for one span have to be like."""

    def __init__(self, runner: SpanRunner, hidden_size: int, context: int) -> None:
        self._runner = runner
        self._hidden_size = hidden_size
        self._context = context
        self.max_tokens = _most_tokens(runner, hidden_size, context)  # positions in one session

    def check_size(self, step: Step) -> None:
        """What is too large, or of no use to the model, is not even read. Raises ProtocolViolation."""
        if step.tensor.hidden != self._hidden_size:
            raise ProtocolViolation(
                f"This model's hidden states are {self._hidden_size} wide, not {step.tensor.hidden}."
            )
        if step.tensor.tokens > self._step_tokens(step):
            raise ProtocolViolation(f"A step brings at most {self._step_tokens(step)} tokens.")
        if step.extras is not None and not self._runner.takes(step.extras.axes or 1, step.extras.masks):
            raise ProtocolViolation("This model has no use for such positions or masks.")
        if step.extras is not None and step.extras.masks and step.mask_bytes > MAX_MASK_BYTES:
            raise ProtocolViolation(f"A mask has at most {MAX_MASK_BYTES} bytes.")

    def _step_tokens(self, step: Step) -> int:
        if not self._runner.causal:
            return self.max_tokens
        return MAX_MASKED_TOKENS if step.extras and step.extras.masks else MAX_STEP_TOKENS

    def hidden(self, step: Step, payload: bytes) -> Tensor:
        """`[tokens, hidden]` in the precision of the span.

        Raises ProtocolViolation if a number is not finite, Refused if it is not in that precision.
        """
        brought = unpack(step.tensor, payload)
        cast = brought.to(self._runner.span.dtype)
        if cast is not brought and not torch.isfinite(cast).all():
            raise Refused(RefusalCode.NOT_FINITE, f"These numbers are too large for {cast.dtype} here.")
        return cast

    def extras(self, step: Step, payload: bytes) -> StepExtras | None:
        """Raises ProtocolViolation for positions that the model does not know."""
        extras = unpack_extras(step, payload)
        if extras is not None and extras.positions is not None:
            lowest, highest = extras.positions.aminmax()
            if lowest < 0 or highest >= self._context:
                raise ProtocolViolation("A step brings positions that the model does not know.")
        return extras

    def check_place(self, step: Step, session: HostedSession) -> None:
        """Whether the step can follow what the session holds. Raises Refused."""
        if session.evicted and step.position:
            raise Refused(RefusalCode.EVICTED, "This session was idle, and others needed its room.")
        if 0 < step.position < session.cache.length and not self._runner.goes_back:
            raise Refused(RefusalCode.EVICTED, "What this model remembers cannot be cut: open a new session.")
        if step.position > session.cache.length:
            raise Refused(
                RefusalCode.BAD_POSITION,
                f"Position {step.position} does not follow the {session.cache.length} positions held here.",
            )
        if step.position + step.tensor.tokens > self.max_tokens:
            raise Refused(RefusalCode.NO_ROOM, f"A session here holds at most {self.max_tokens} positions.")


def _most_tokens(runner: SpanRunner, hidden_size: int, context: int) -> int:
    """Positions in one session; for an encoder, tokens in one text."""
    room = min(runner.budget_tokens, MAX_SESSION_TOKENS) if runner.causal else text_limit(hidden_size)
    return min(room, context)
