"""The daemon's own place in the swarm, and the replies made there. Heavy imports come late, in a thread."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Protocol

from engine.api.openai_routes import Replies
from engine.api.schema import ChatRequest, ModelInfo
from engine.daemon_thread import in_daemon_thread
from engine.errors import NotReady
from engine.generate.events import Embeddings, ReplyEvent
from engine.settings import SwarmSettings
from engine.weights.store import LayerStore


class ClosableReplies(Replies, Protocol):
    def close(self) -> None:
        """Let go of the sessions that are held for a chat's next turn."""


class SwarmNode(Protocol):
    peer_id: str
    addresses: tuple[str, ...]

    async def peers(self) -> int: ...

    async def wait_ended(self) -> None: ...

    async def stop(self) -> None: ...


class SwarmClient:
    """A node of the swarm, and the replies made through it."""

    def __init__(self, node: SwarmNode, replies: ClosableReplies) -> None:
        self.node = node
        self.replies = replies

    async def stop(self) -> None:
        self.replies.close()
        await self.node.stop()


async def join_swarm(settings: SwarmSettings, store: LayerStore) -> SwarmClient:
    """Raises SwarmUnreachable or EngineError."""
    await in_daemon_thread(_import_heavy_parts, "import")
    from engine.generate.replies import Replies as SwarmReplies
    from engine.network.directory import Directory
    from engine.network.node import Node, NodeSettings

    node = await Node.start(NodeSettings(settings.initial_peers, settings.listen))
    return SwarmClient(node, SwarmReplies(node, Directory(node), store))


def _import_heavy_parts() -> None:
    import engine.generate.replies
    import engine.network.directory
    import engine.network.node  # noqa: F401


class LateReplies:
    """Replies whose maker comes later: until then, and while it is away, asking raises NotReady."""

    def __init__(self, why_not: Callable[[], str]) -> None:
        self._why_not = why_not
        self.maker: Replies | None = None

    async def models(self) -> tuple[ModelInfo, ...]:
        return () if self.maker is None else await self.maker.models()

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        return await self._made().embed(model, texts)

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        async with aclosing(self._made().reply(request)) as events:
            async for event in events:
                yield event

    def _made(self) -> Replies:
        if self.maker is None:
            raise NotReady(f"Potluck cannot answer yet ({self._why_not()}): ask again in a moment.")
        return self.maker
