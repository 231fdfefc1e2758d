"""The posts of this computer, one for each device that gives."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Sequence

from engine.giving.host_config import PostFiles
from engine.giving.post import Post, Supervision
from engine.giving.survey import Standing
from engine.machine.known_speeds import SpeedBook
from engine.network.identity import load_or_create
from engine.settings import Settings
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.giving")


class Posts:
    """By device key, in the order in which they were set up."""

    def __init__(
        self,
        settings: Settings,
        store: LayerStore,
        book: SpeedBook,
        host_command: Sequence[str],
        on_change: Callable[[], None],
        on_arrival: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._book = book
        self._host_command = host_command
        self._on_change = on_change
        self._on_arrival = on_arrival
        self._posts: dict[str, Post] = {}
        self._names: dict[str, str] = {}  # in files' names, by device key
        self._closing: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Post]:
        return iter(tuple(self._posts.values()))

    def at(self, place: str) -> Post:
        """Raises EngineError where its files cannot be read or written."""
        if place not in self._posts:
            name = place if "" in self._names.values() else ""  # one device alone needs no name
            files = PostFiles.of(self._settings.paths, self._settings.swarm, name)
            self._posts[place] = Post(
                files,
                self._settings,
                self._store,
                self._book,
                Supervision(self._host_command, self._on_change, self._on_arrival),
            )
            self._names[place] = name
        return self._posts[place]

    @property
    def places(self) -> frozenset[str]:
        return frozenset(self._posts)

    @property
    def silent(self) -> frozenset[str]:
        """Peers that do not answer the block servers."""
        reports = (post.view.report for post in self)
        return frozenset(peer for report in reports if report is not None for peer in report.silent)

    def retire(self, place: str) -> None:
        """The device is not to serve any more, and may again later."""
        if place in self._posts:
            self._posts[place].retire()

    def keep_only(self, places: Collection[str]) -> None:
        """The others' devices are gone."""
        for place in [place for place in self._posts if place not in places]:
            log.info("What %s serves ends", place)
            self._close(place)

    def use(self, settings: Settings, same: Collection[str] = ()) -> None:
        """From now on. What the devices serve ends, but not of those for which nothing changes."""
        self._settings = settings
        self.keep_only(same)
        for post in self:
            post.use(settings)

    async def closed(self) -> None:
        """Returns when those that were to end have ended."""
        while self._closing:
            await asyncio.wait(self._closing)

    async def close(self) -> None:
        self.keep_only(())
        await self.closed()

    def _close(self, place: str) -> None:
        del self._names[place]
        task = asyncio.create_task(self._posts.pop(place).close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    @property
    def standing(self) -> Standing:
        """What is served for certain. Who chooses anew is bound to nothing, who moves to where it goes."""
        firm = {
            place: (post, plan)
            for place, post in self._posts.items()
            if post.is_firm and (plan := post.plan) is not None
        }
        return Standing(
            frozenset({self._first_peer, *(post.peer for post in self._posts.values())}),
            {place: plan for place, (_, plan) in firm.items()},
            {place: post.served_seconds for place, (post, _) in firm.items()},
            frozenset(place for place, (post, _) in firm.items() if post.has_begun_to_move),
            tuple(pid for post in self if not post.is_firm and (pid := post.view.pid) is not None),
            frozenset(digest for post in self if (digest := post.failed_model) is not None),
        )

    @property
    def _first_peer(self) -> str:
        """As which this computer served before it was restarted: the swarm may not have forgotten yet."""
        files = PostFiles.of(self._settings.paths, self._settings.swarm, "")
        return load_or_create(files.identity).peer
