"""hivemind's calls between DHT nodes, where they enter and leave p2pd: encrypted in a private swarm."""

from collections.abc import Awaitable, Callable
from typing import Any

from engine.errors import ProtocolViolation
from engine.network._hivemind import P2P, P2PContext, P2PHandlerError, PeerID
from engine.network.sealing import MEMBERS_ONLY, CallSeal


class PublicP2P(P2P):
    """A p2pd's client that notices when it asks in a private swarm."""

    def __init__(self) -> None:
        super().__init__()
        self.met_strangers = False  # whether a peer has answered, but not as one of the same swarm

    async def _call_unary_protobuf_handler(
        self, peer_id: PeerID, handle_name: str, input: Any, output_protobuf_type: Any
    ) -> Any:
        try:
            return await super()._call_unary_protobuf_handler(
                peer_id, handle_name, input, output_protobuf_type
            )
        except P2PHandlerError as error:
            self.met_strangers |= MEMBERS_ONLY in str(error)
            raise


class PrivateP2P(PublicP2P):
    """A p2pd's client whose single questions and answers are encrypted. `seal` is set by a subclass."""

    seal: CallSeal

    async def _call_unary_protobuf_handler(
        self, peer_id: PeerID, handle_name: str, input: Any, output_protobuf_type: Any
    ) -> Any:
        sealed, opened = self.seal.ask(peer_id.to_base58(), handle_name, input.SerializeToString())
        try:
            answer = opened(await self._client.call_unary_handler(peer_id, handle_name, sealed))
        except (P2PHandlerError, ProtocolViolation):
            self.met_strangers = True
            raise
        return output_protobuf_type.FromString(answer)

    async def _add_protobuf_unary_handler(
        self,
        handle_name: str,
        handler: Callable[[Any, P2PContext], Awaitable[Any]],
        input_protobuf_type: Any,
        balanced: bool = False,
    ) -> None:
        async def answer(sealed: bytes, remote_id: PeerID) -> bytes:
            question, closed = self.seal.hear(remote_id.to_base58(), handle_name, sealed)
            context = P2PContext(handle_name=handle_name, local_id=self.peer_id, remote_id=remote_id)
            answered = await handler(input_protobuf_type.FromString(question), context)
            return closed(answered.SerializeToString())

        await self._client.add_unary_handler(handle_name, answer, balanced=balanced)
