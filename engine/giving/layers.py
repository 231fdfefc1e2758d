"""The layers of one device: those that it serves, and those of where it will move."""

from collections.abc import Callable

from engine.condition import Fetching
from engine.errors import PotluckError
from engine.giving.aim import Aim
from engine.giving.fetching import LayerFetch
from engine.giving.moving import NextLayers
from engine.giving.pinning import LayerPins
from engine.supply.supply import Supply
from engine.weights.store.layer_store import LayerStore


class Layers:
    """Fetched where the store lacks them, and kept there for as long as they are needed."""

    def __init__(
        self,
        store: LayerStore,
        on_change: Callable[[], None],
        on_fetch: Callable[[], None],
        on_arrival: Callable[[], None],
        note_rate: Callable[[float], None],
    ) -> None:
        """`on_fetch` is called when a fetch of what is served goes on or fails, `on_arrival` when all that a
        move needs is here; `note_rate`: see `LayerFetch`.
        """
        self._pins = LayerPins(store)
        self._fetch: LayerFetch | None = None
        self._on_fetch = on_fetch
        self._note_rate = note_rate
        self.next = NextLayers(self._pins, on_change, on_arrival, note_rate)

    @property
    def are_coming(self) -> bool:
        return self._fetch is not None and self._fetch.is_under_way

    @property
    def are_waited_for(self) -> bool:
        """Nobody has them: something else may be served meanwhile."""
        return self.are_coming and self.fetch_failure is not None

    @property
    def will_not_come(self) -> bool:
        """Until the owner says start, or another model is to be served."""
        return self.fetch_failure is not None and not self.are_coming

    @property
    def fetch_failure(self) -> PotluckError | None:
        return self._fetch.failure if self._fetch is not None else None

    @property
    def failure(self) -> PotluckError | None:
        """Why they do not come, or cannot be kept."""
        return self.fetch_failure or self._pins.failure

    @property
    def progress(self) -> Fetching | None:
        return self._fetch.progress if self._fetch is not None else self.next.progress

    def hold(self, aim: Aim) -> bool:
        """These instead of those before. Whether that is possible."""
        return self._pins.hold(aim.parts)

    def bring(self, aim: Aim, supply: Supply, when_here: Callable[[], None]) -> bool:
        """Whether they are on their way now; False: all of them are here."""
        fetch = LayerFetch(supply, aim, self._on_fetch, self._note_rate)
        if not fetch.is_needed:
            self._fetch = None
            return False
        self._fetch = fetch
        fetch.start(when_here)
        return True

    def arrived(self) -> None:
        self._fetch = None

    def forgive(self) -> None:
        """Whatever has failed may be tried again."""
        self._pins.failure = None
        if not self.are_coming:
            self._fetch = None

    def stop(self) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
        self._fetch = None
        self.next.drop()

    def let_go(self) -> None:
        """Nobody needs them here."""
        self.next.drop()
        self._pins.close()
