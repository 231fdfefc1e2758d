"""The book's lasting part in a file, so that a new start does not begin among strangers."""

import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_whole
from engine.peers.book import MAX_PEERS, PeerBook
from engine.peers.page import SavedPeer

log = logging.getLogger("potluck.peers")


class SavedBook(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: int = Field(default=1, ge=1, le=1)
    saved_at: float = Field(ge=0)  # Unix time, seconds
    peers: tuple[SavedPeer, ...] = Field(max_length=MAX_PEERS)


class BookFile:
    """`wall_clock` gives the Unix time: the book's own clock starts anew with the computer."""

    def __init__(self, path: Path, wall_clock: Callable[[], float]) -> None:
        self._path = path
        self._wall_clock = wall_clock

    def save(self, book: PeerBook) -> None:
        """Raises OSError, with the old file still there."""
        saved = SavedBook(saved_at=self._wall_clock(), peers=book.saved()[-MAX_PEERS:])
        write_whole(self._path, saved.model_dump_json())

    def load_into(self, book: PeerBook) -> None:
        """What was saved, if it can be read."""
        try:
            saved = SavedBook.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, ValidationError) as error:
            log.warning("what was known of other computers could not be read (%s): starting anew", error)
            return
        book.restore(saved.peers, elapsed=max(self._wall_clock() - saved.saved_at, 0.0))
