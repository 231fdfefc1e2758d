"""The book on disk: a file that is written as a whole now and then, and a journal of what has changed since.

A line of the journal says what an hour has come to, not what was added, so that reading one twice changes
nothing. The journal's name has the generation of the file that it continues: one that was left behind when
the file was written anew belongs to no file, and is not read.
"""

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.api.schema import Given
from engine.atomic_file import write_whole
from engine.ledger.book import Book, Hour

MAX_JOURNAL = 1 << 16  # bytes

log = logging.getLogger("potluck.ledger")


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    hour: Hour
    given: Given


class BookFile:
    """Raises OSError where the disk refuses; nothing is lost then, and the call may be tried again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._generation = 0

    def load(self) -> Book:
        """What is there. A file that cannot be read is kept under another name."""
        book = self._read()
        self._generation = book.generation
        try:
            lines = self._journal.read_bytes().splitlines()
        except OSError:
            lines = []
        for line in filter(None, map(_parsed, lines)):
            book.hours[line.hour] = line.given
        return book

    def note(self, hours: Mapping[str, Given]) -> None:
        """These hours have come to this."""
        lines = [_Line(hour=hour, given=given) for hour, given in hours.items()]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._journal, "a", encoding="utf-8", opener=_private) as journal:
            for line in lines:  # each begun anew: the one before may have been cut off
                journal.write("\n" + line.model_dump_json(exclude_defaults=True))

    @property
    def is_due(self) -> bool:
        """Whether the journal has become long."""
        try:
            return self._journal.stat().st_size > MAX_JOURNAL
        except OSError:
            return False

    def write(self, book: Book) -> None:
        """All of it, in place of what is there."""
        book.generation = self._generation + 1
        write_whole(self._path, book.model_dump_json(exclude_defaults=True), sync=True)
        self._generation = book.generation
        for journal in self._journals():
            journal.unlink(missing_ok=True)

    @property
    def _journal(self) -> Path:
        return self._path.with_suffix(f".{self._generation}.journal")

    def _journals(self) -> list[Path]:
        return list(self._path.parent.glob(f"{self._path.stem}.*.journal"))

    def _read(self) -> Book:
        try:
            return Book.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Book()
        except (OSError, ValidationError):
            self._set_aside()
            return Book()

    def _set_aside(self) -> None:
        """Never overwrite a history that cannot be read, nor read its journal as another one's."""
        mark = f".damaged-{int(time.time())}"
        log.warning("%s cannot be read: it is kept as *%s, and counting begins anew", self._path, mark)
        for path in (self._path, *self._journals()):
            try:
                path.rename(path.with_suffix(path.suffix + mark if path != self._path else mark))
            except OSError as error:
                log.warning("%s cannot be set aside: %s", path, error.strerror)


def _private(path: str, flags: int) -> int:
    """A file for its owner alone."""
    return os.open(path, flags, 0o600)


def _parsed(line: bytes) -> _Line | None:
    """None: it was cut off by a crash."""
    try:
        return _Line.model_validate_json(line)
    except ValidationError:
        return None
