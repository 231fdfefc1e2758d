"""The layer store's way to another folder: copied while the engine runs, taken up when it starts."""

import logging
from pathlib import Path

from engine.api.sentences import said
from engine.errors import BadRequest, PotluckError
from engine.settings import Paths
from engine.store_place import Place, read_place, store_folder, write_place
from engine.weights.store.disk_errors import writing
from engine.weights.store.moving import StoreCopy, is_copy, new_folder, remove_store, settle

log = logging.getLogger("potluck.transfers")


class Relocation:
    """What the owner said of the store's folder, and what has become of it."""

    def __init__(self, place_file: Path, store: Path) -> None:
        """`store`: where it is now."""
        self._file = place_file
        self._store = store

    @property
    def place(self) -> Place:
        return read_place(self._file)

    def folder_for(self, chosen: Path) -> Path:
        """Where the store will be. Raises BadRequest."""
        folder = new_folder(chosen, self._store)
        other = self.place.next or self.place.begun
        if other not in (None, folder):
            raise BadRequest(
                said("A copy of the layers is in {other} already: use or drop that one first.", other=other)
            )
        if self.place.absent:
            raise BadRequest(said("{absent} is not here: connect its disk first.", absent=self.place.absent))
        return folder

    def begin(self, folder: Path) -> None:
        """A copy there is on its way."""
        self._write(self.place.model_copy(update={"begun": folder}))

    def copied(self, folder: Path) -> None:
        """A whole copy is there: the next start takes it up."""
        place = self.place
        leftover = None if place.leftover == folder else place.leftover
        self._write(place.model_copy(update={"next": folder, "begun": None, "leftover": leftover}))

    def forget(self) -> None:
        """Stay where it is: the copy goes, whole or not."""
        copy = self.place.next or self.place.begun
        if copy is not None:
            self._write(self.place.model_copy(update={"next": None, "begun": None}))
            if is_copy(copy, self._store):
                remove_store(copy)

    def tidy_up(self) -> None:
        """Remove the store that another has taken the place of. One that is used again, because that one's
        disk is away, stays with all that may come into it.
        """
        leftover = self.place.leftover
        if leftover is not None:
            if leftover != self._store:
                remove_store(leftover)
            self._write(self.place.model_copy(update={"leftover": None}))

    def _write(self, place: Place) -> None:
        with writing(self._file.parent):
            write_place(self._file, place)


def take_up_move(paths: Paths) -> Path:
    """Where the store is from now on. For the start of an engine: nobody else may use the store.

    What came into the old store since it was copied comes first. Where the new one cannot be had, the old one
    stays, and the next start tries again.
    """
    place, old = read_place(paths.store_place), paths.layer_store
    if place.next is None or place.absent:
        return old
    try:
        _take_up(paths, place, old, place.next)
    except (OSError, PotluckError) as error:
        log.warning("The layers stay in %s for now: %s", old, error)
    return store_folder(paths.store_place, paths.first_layer_store)


def _take_up(paths: Paths, place: Place, old: Path, new: Path) -> None:
    if not is_copy(new, old):
        raise FileNotFoundError(f"the copy in {new} is not there")
    copy = StoreCopy(old, new)
    copy.make(known_good=copy.has)
    settle(new)
    write_place(paths.store_place, Place(path=new, leftover=old))
    log.info("The layers are in %s from now on", new)
