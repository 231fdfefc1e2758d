"""Steps as they come in on a stream, checked and unpacked, and counted while they are here."""

import asyncio
from dataclasses import dataclass

from torch import Tensor

from engine.host.acceptance import Acceptance
from engine.host.in_flight import Held, InFlight
from engine.host.outbox import seconds_for
from engine.model.extras import StepExtras
from engine.wire import frames
from engine.wire.messages import Step
from engine.wire.tensors import payload_digest


@dataclass(frozen=True)
class Arrival:
    """A step that is here. `held` has to be let go of."""

    step: Step
    hidden: Tensor  # [tokens, hidden]
    extras: StepExtras | None
    payload: bytes  # hidden states and extras as they travelled
    held: Held
    is_pushed: bool  # by the server before; else its client brought it

    @property
    def extras_bytes(self) -> memoryview:
        return memoryview(self.payload)[self.step.tensor.nbytes :]

    @property
    def saw(self) -> str:
        """Digest of the hidden states as they travelled."""
        return payload_digest(memoryview(self.payload)[: self.step.tensor.nbytes])


class Arrivals:
    def __init__(self, acceptance: Acceptance, in_flight: InFlight) -> None:
        self._acceptance = acceptance
        self._in_flight = in_flight

    async def receive(self, stream: frames.ByteStream, step: Step, peer: str, is_pushed: bool) -> Arrival:
        """What follows the header of a step in a session of `peer`.

        Raises ProtocolViolation or Refused for nonsense, TimeoutError if it does not come, PeerUnreachable.
        """
        self._acceptance.check_size(step)
        held = await self._in_flight.take(peer, step.nbytes)
        try:
            async with asyncio.timeout(seconds_for(step.nbytes)):
                payload = await frames.receive_payload(stream, step)
            return self._unpacked(step, payload, held, is_pushed)
        except BaseException:
            held.let_go()
            raise

    def _unpacked(self, step: Step, payload: bytes, held: Held, is_pushed: bool) -> Arrival:
        return Arrival(
            step,
            self._acceptance.hidden(step, payload),
            self._acceptance.extras(step, payload),
            payload,
            held,
            is_pushed,
        )
