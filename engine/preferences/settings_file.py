"""The file of settings: TOML that its owner may edit, too. What Potluck does not know in it stays."""

import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

import tomlkit
from tomlkit.exceptions import KeyAlreadyPresent, ParseError, TOMLKitError

from engine.api.preferences_schema import Value
from engine.api.sentences import said
from engine.atomic_file import write_whole
from engine.errors import SettingsUnwritable, reason_of
from engine.preferences.declared import DECLARED
from engine.preferences.values import checked_value, known

HEADER = "Potluck's settings, by `potluck-engine settings` and the Settings page. Read when Potluck starts."
MAX_BYTES = 1 << 20

log = logging.getLogger("potluck.settings")


@dataclass(frozen=True)
class Found:
    """What the file says."""

    values: Mapping[str, Value] = field(default_factory=dict)  # by key, without what has its default
    troubles: tuple[str, ...] = ()  # sentences


class SettingsFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Found:
        """Values that cannot be count as not set. A file that is no TOML is set aside."""
        try:
            document = self._document()
        except OSError as error:  # of the moment, perhaps: it stays where it is
            return _nothing(self._unreadable(error))
        except (ValueError, TOMLKitError) as error:
            return _nothing(self._set_aside(error))
        found = _values_in(document)
        for trouble in found.troubles:
            log.warning(trouble)
        return found

    def change(self, values: Mapping[str, Value], forget: frozenset[str] = frozenset()) -> None:
        """Set these and forget those; all else stays, comments too. Raises SettingsUnwritable."""
        try:
            document = self._document()
            for key, value in values.items():
                _put(document, key, known(key).kind.written(value))
            for key in forget:
                _drop(document, key)
            write_whole(self.path, tomlkit.dumps(document), sync=True)
        except (OSError, ValueError, TOMLKitError) as error:
            raise SettingsUnwritable(
                said(
                    "{path} cannot be written ({reason}) and nothing was set: see that Potluck may.",
                    path=self.path,
                    reason=_why(error),
                )
            ) from None

    def _document(self) -> tomlkit.TOMLDocument:
        """Raises OSError, ValueError or TOMLKitError."""
        try:
            with self.path.open("rb") as file:
                text = file.read(MAX_BYTES + 1)
            if len(text) > MAX_BYTES:
                raise ValueError(said("it is larger than {most:bytes}", most=MAX_BYTES))
            return tomlkit.parse(text.decode())
        except FileNotFoundError:
            document = tomlkit.document()
            document.add(tomlkit.comment(HEADER))
            return document

    def _set_aside(self, error: Exception) -> str:
        aside = self._unused_name()
        try:
            self.path.replace(aside)
        except OSError:
            return self._unreadable(error)
        return said(
            "The file of settings was damaged ({reason}): all settings are as at the first start, and what "
            "was in it is kept in {aside}.",
            reason=_why(error),
            aside=aside,
        )

    def _unused_name(self) -> Path:
        """Beside the file: what was set aside before stays."""
        names = (self.path.with_suffix(f".damaged{mark}.toml") for mark in chain([""], count(2)))
        return next(name for name in names if not name.exists())

    def _unreadable(self, error: Exception) -> str:
        return said(
            "{path} cannot be read ({reason}): all settings are as at the first start.",
            path=self.path,
            reason=_why(error),
        )


def _nothing(trouble: str) -> Found:
    log.warning(trouble)
    return Found({}, (trouble,))


def _why(error: Exception) -> str:
    match error:
        case OSError():
            return reason_of(error)
        case UnicodeDecodeError():
            return said("it is not text in UTF-8")
        case KeyAlreadyPresent():
            return said("a name stands in it twice")
        case ParseError():
            return said("line {line} is not written as TOML", line=error.line)
    return str(error)


def _values_in(document: tomlkit.TOMLDocument) -> Found:
    values: dict[str, Value] = {}
    troubles: list[str] = []
    tables = document.unwrap()
    for declaration in DECLARED:
        group, name = declaration.key.split(".")
        table = tables.get(group)
        if not isinstance(table, dict) or name not in table:
            continue
        try:
            values[declaration.key] = checked_value(declaration, table[name])
        except ValueError as error:
            troubles.append(
                said(
                    "{complaint} The file of settings says something else, so it is as if not set.",
                    complaint=error,
                )
            )
    return Found(values, tuple(troubles))


def _put(document: tomlkit.TOMLDocument, key: str, value: Value) -> None:
    group, name = key.split(".")
    if not isinstance(document.get(group), MutableMapping):  # a table, however it is written
        document[group] = tomlkit.table()
    document[group][name] = _as_toml(value)


def _as_toml(value: Value) -> object:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return list(value) if isinstance(value, tuple) else value


def _drop(document: tomlkit.TOMLDocument, key: str) -> None:
    group, name = key.split(".")
    table = document.get(group)
    if isinstance(table, MutableMapping) and name in table:
        del table[name]
