"""The layers of where a device will move: they come while it goes on serving."""

from collections.abc import Callable

from engine.condition import Fetching
from engine.giving.aim import Aim
from engine.giving.fetching import LayerFetch
from engine.giving.pinning import LayerPins
from engine.supply.supply import Supply


class NextLayers:
    """Kept in the store from when they are asked for until they are dropped, or served."""

    def __init__(
        self,
        pins: LayerPins,
        on_change: Callable[[], None],
        on_arrival: Callable[[], None],
        note_rate: Callable[[float], None],
    ) -> None:
        """`note_rate`: see `LayerFetch`."""
        self.missed: str | None = None  # model whose layers did not come
        self._pins = pins
        self._on_change = on_change
        self._on_arrival = on_arrival
        self._note_rate = note_rate
        self._fetch: LayerFetch | None = None

    @property
    def aim(self) -> Aim | None:
        """What they are for, while they are on their way."""
        return self._fetch.aim if self._fetch is not None else None

    @property
    def progress(self) -> Fetching | None:
        return self._fetch.progress if self._fetch is not None else None

    @property
    def are_kept(self) -> bool:
        """On their way, or here."""
        return self._pins.holds_ahead

    def bring(self, aim: Aim, supply: Supply) -> bool:
        """Whether they are on their way now; False: they are here, or there is no room beside the others."""
        if self._fetch is not None and self._fetch.aim.serves_as(aim):
            return True
        self.drop()
        fetch = LayerFetch(supply, aim, self._on_fetch, self._note_rate)
        if not fetch.is_needed or not self._pins.hold_ahead(aim.parts):
            return False
        self._fetch = fetch
        fetch.start(self._arrived)
        return True

    def drop(self) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
        self._fetch = None
        self._pins.drop_ahead()

    def _arrived(self) -> None:
        """It is for the next plan to say whether moving there pays still."""
        self._fetch = None
        self._on_arrival()

    def _on_fetch(self) -> None:
        if self._fetch is not None and self._fetch.failure is not None:
            self.missed = self._fetch.aim.plan.model
            self.drop()
        self._on_change()
