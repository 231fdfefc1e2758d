"""From what is set to what the engine runs by: pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from engine.api.preferences_schema import Value
from engine.api.sentences import filled, joined, said
from engine.errors import BadRequest
from engine.preferences.declared import Declaration, declared
from engine.settings import Settings

Values = Mapping[str, Value]  # by key

_Data = TypeVar("_Data")


def settings_with(settings: Settings, values: Values) -> Settings:
    """The same with these values in their places. Keys that nobody declared are passed over."""
    for key, value in values.items():
        if (declaration := declared(key)) is not None:
            for place in declaration.to:
                settings = _replaced(settings, place.split("."), declaration.convert(value))
    return settings


def _replaced(data: _Data, path: list[str], value: Any) -> _Data:
    name, *rest = path
    inner = _replaced(getattr(data, name), rest, value) if rest else value
    return dataclasses.replace(data, **{name: inner})  # type: ignore[type-var]


def checked(changes: Mapping[str, object]) -> dict[str, Value]:
    """Raises BadRequest with one sentence for each value that cannot be; then none of them holds."""
    found: dict[str, Value] = {}
    complaints: list[str] = []
    for key, value in changes.items():
        try:
            found[key] = checked_value(known(key), value)
        except (ValueError, BadRequest) as error:
            complaints.append(str(error))
    if complaints:
        raise BadRequest(joined(complaints))
    return found


def checked_value(declaration: Declaration, value: object) -> Value:
    """Raises ValueError with a sentence for people."""
    try:
        return declaration.kind.checked(value)
    except ValueError as error:
        raise ValueError(_complaint(declaration, str(error))) from None


def _complaint(declaration: Declaration, what: str) -> str:
    short, none = filled(declaration.short, {}), declaration.kind.none
    if not none:
        return said("“{setting}” ({key}) {what}.", setting=short, key=declaration.key, what=what)
    return said(
        "“{setting}” ({key}) {what}, or none ({none}).",
        setting=short,
        key=declaration.key,
        what=what,
        none=filled(none, {}),
    )


def known(key: str) -> Declaration:
    """Raises BadRequest."""
    found = declared(key)
    if found is None:
        raise BadRequest(
            said("There is no setting “{key}”: `potluck-engine settings` lists them all.", key=key[:80])
        )
    return found
