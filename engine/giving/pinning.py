"""Layers that the store keeps for a device: those that it serves, and those of where it will move."""

import logging
from collections.abc import Iterable
from contextlib import ExitStack

from engine.errors import PotluckError
from engine.weights.manifest import Part
from engine.weights.store.layer_store import LayerStore

log = logging.getLogger("potluck.giving")


class LayerPins:
    def __init__(self, store: LayerStore) -> None:
        self.failure: PotluckError | None = None  # why the layers cannot be kept
        self.holds_ahead = False
        self._store = store
        self._served = ExitStack()
        self._ahead = ExitStack()

    def hold(self, parts: Iterable[Part]) -> bool:
        """These instead of those before, which are let go once these are held. Whether that is possible."""
        with ExitStack() as new:
            try:
                new.enter_context(self._store.in_use(parts))
            except PotluckError as error:
                log.error("The layers cannot be kept: %s", error)
                self.failure = error
                return False
            self._served.close()
            self._served = new.pop_all()
        self.failure = None
        return True

    def hold_ahead(self, parts: Iterable[Part]) -> bool:
        """These, too. Whether the disk has room for both."""
        lacking = [part for part in parts if not self._store.has(part)]
        try:
            self._store.check_space(sum(part.size for part in lacking))
            self._ahead.enter_context(self._store.in_use(parts))
        except PotluckError as error:
            log.info("There is no room for the next layers beside those that are served: %s", error)
            return False
        self.holds_ahead = True
        return True

    def drop_ahead(self) -> None:
        self.holds_ahead = False
        self._ahead.close()

    def close(self) -> None:
        self.drop_ahead()
        self._served.close()
