"""The daemon's own place in the swarm, and the replies made there. Heavy imports come late, in a thread."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from engine.api.completion_schema import ReplyRequest
from engine.api.map_schema import Ways
from engine.api.openai_routes import Replies
from engine.api.schema import ModelInfo
from engine.api.sentences import said
from engine.daemon_thread import in_daemon_thread
from engine.errors import NotReady
from engine.generate.events import Embeddings, ReplyEvent
from engine.membership.taking_effect import key_of
from engine.peers.book import PeerBook
from engine.precision import Precision
from engine.settings import Settings
from engine.supply.ahead import FetchAhead, Serving
from engine.supply.supplied_replies import ClosableReplies, SuppliedReplies
from engine.supply.supply import Supply
from engine.transfers.board import TransferBoard
from engine.weights.store.layer_store import LayerStore

if TYPE_CHECKING:
    from engine.generate.speculation.draft_models import DraftModels
    from engine.network.node import NodeSettings


class SwarmNode(Protocol):
    peer_id: str
    addresses: tuple[str, ...]

    async def peers(self) -> int: ...

    async def connected(self) -> Collection[str]: ...

    async def wait_ended(self) -> None: ...

    async def stop(self) -> None: ...


class Lookout(Protocol):
    async def run(self) -> None: ...

    async def close(self) -> None: ...


class Drafting(Protocol):
    @property
    def taken_bytes(self) -> int: ...

    def permit(self, permitted: bool) -> None: ...


class SwarmClient:
    """A node of the swarm, what it can get of models there, and the replies made through it."""

    def __init__(
        self,
        node: SwarmNode,
        supply: Supply,
        replies: ClosableReplies,
        ahead: FetchAhead | None = None,
        neighbours: Lookout | None = None,
        own_servers: set[str] | None = None,
        book: PeerBook | None = None,
        ways: Callable[[], Ways] = tuple,
        drafting: Drafting | None = None,
    ) -> None:
        """`own_servers`: peer ids of this computer's block servers, to be added to as they become known.
        `book`: on all peers. `ways`: of the answers that are made now.
        """
        self.node = node
        self.supply = supply
        self.replies = replies
        self.own_servers = set() if own_servers is None else own_servers
        self.book = PeerBook() if book is None else book
        self.ways = ways
        self._drafting = drafting
        self._ahead = ahead
        self._neighbours = neighbours

    async def fetch_ahead(self, serving: Callable[[], Serving | None]) -> None:
        """For as long as this runs, get layers that may be needed next."""
        if self._ahead is None:
            await asyncio.Event().wait()  # a duty that has nothing to do does not end
        else:
            await self._ahead.run(serving)

    async def look_around(self) -> None:
        """For as long as this runs, keep an eye on other computers."""
        await (asyncio.Event().wait() if self._neighbours is None else self._neighbours.run())

    @property
    def drafts_bytes(self) -> int:
        """Of memory, that a draft model takes."""
        return 0 if self._drafting is None else self._drafting.taken_bytes

    def permit_drafts(self, permitted: bool) -> None:
        """Whether this computer's processor has time for a draft model."""
        if self._drafting is not None:
            self._drafting.permit(permitted)

    async def stop(self) -> None:
        self.replies.close()
        if self._neighbours is not None:
            await self._neighbours.close()
        await self.node.stop()


async def join_swarm(settings: Settings, store: LayerStore, board: TransferBoard) -> SwarmClient:
    """Raises SwarmUnreachable or EngineError."""
    await in_daemon_thread(_import_heavy_parts, "import")
    import torch

    from engine.audit.service import auditor_of
    from engine.exchange.fetching import Fetcher, FetchSettings
    from engine.generate.replies import Replies as SwarmReplies
    from engine.machine.estimates import threads_of_chats
    from engine.machine.sources import this_computer
    from engine.neighbours import Neighbours, Remembered, enter_lan
    from engine.network.directory import Directory
    from engine.network.identity import load_or_create
    from engine.network.node import Node
    from engine.route.settings import SessionSettings
    from engine.supply.reimport import Reimport

    torch.set_num_threads(threads_of_chats(this_computer().cores().physical))
    swarm = settings.swarm
    remembered = Remembered(settings.paths, swarm)
    node = await Node.start(_node_settings(settings, remembered.ways_in))
    try:
        lan = await enter_lan(node, swarm)
    except BaseException:
        await node.stop()
        raise
    directory = Directory(node)
    fetcher = Fetcher(node, directory, store, FetchSettings(settings.exchange.download_bytes_per_s))
    supply = Supply(store, directory, fetcher, Reimport(store), board)
    own_servers = {load_or_create(settings.paths.donor_identity(swarm.tag)).peer}
    node.own_peers = own_servers
    auditor = auditor_of(node, directory, remembered.book, settings.audit, own_servers)
    sessions = SessionSettings(floor=settings.answers.min_precision)
    draft_models = _draft_models(store)
    answering = SwarmReplies(
        node, directory, store, sessions, remembered.book, auditor.watch, draft_models=draft_models
    )
    replies = SuppliedReplies(answering, supply, directory)
    slowly = Fetcher(node, directory, store, FetchSettings(settings.exchange.ahead, patience_seconds=1.0))
    ahead = FetchAhead(store, directory, slowly, board) if settings.exchange.ahead else None
    neighbours = Neighbours(node, directory, remembered, lan)
    return SwarmClient(
        node,
        supply,
        replies,
        ahead,
        neighbours,
        own_servers,
        remembered.book,
        answering.ways,
        draft_models,
    )


def _node_settings(settings: Settings, remembered_peers: tuple[str, ...]) -> "NodeSettings":
    from engine.network.node import NodeSettings

    swarm, paths = settings.swarm, settings.paths
    return NodeSettings(
        swarm.initial_peers,
        swarm.listen,
        identity=paths.member_identity(swarm.tag) if swarm.tag else None,
        remembered_peers=remembered_peers,
        port_file=None if swarm.private else paths.port("engine", swarm.tag),
        swarm_key=key_of(swarm),
    )


def _draft_models(store: LayerStore) -> "DraftModels | None":
    """None where one would take the only core from the chat itself."""
    from engine.generate.speculation.draft_models import DraftModels, keep_to_one_core
    from engine.machine.sources import this_computer
    from engine.planning.catalogue import shipped

    if this_computer().cores().logical <= 1:
        return None
    beside = ThreadPoolExecutor(1, "draft-model", keep_to_one_core)
    return DraftModels(store, shipped(), lambda: this_computer().memory().available, beside)


def _import_heavy_parts() -> None:
    import engine.audit.service
    import engine.generate.replies
    import engine.neighbours
    import engine.network.directory
    import engine.network.node  # noqa: F401


class LateReplies:
    """Replies whose maker comes later: until then, and while it is away, asking raises NotReady."""

    def __init__(self, why_not: Callable[[], str]) -> None:
        self._why_not = why_not
        self.maker: Replies | None = None

    async def models(self) -> tuple[ModelInfo, ...]:
        return () if self.maker is None else await self.maker.models()

    async def embed(self, model: str, texts: Sequence[str], floor: Precision | None = None) -> Embeddings:
        return await self._made().embed(model, texts, floor)

    async def reply(self, request: ReplyRequest) -> AsyncGenerator[ReplyEvent, None]:
        async with aclosing(self._made().reply(request)) as events:
            async for event in events:
                yield event

    def _made(self) -> Replies:
        if self.maker is None:
            raise NotReady(
                said("Potluck cannot answer yet ({why_not}): ask again in a moment.", why_not=self._why_not())
            )
        return self.maker
