"""What the owner has set, and where each value comes from: command line over file over default."""

from collections.abc import Mapping
from typing import Literal

from engine.api.preferences_schema import Setting, SettingsReport, Value
from engine.preferences.declared import DECLARED, Declaration
from engine.preferences.settings_file import SettingsFile
from engine.preferences.values import Values, checked, known


class Preferences:
    """Of one run. `told`: what the command line said, which holds for this run whatever the file says."""

    def __init__(self, file: SettingsFile, told: Values | None = None) -> None:
        self._file = file
        self._told = dict(told or {})
        found = file.read()
        self._kept = dict(found.values)
        self._at_start = dict(found.values)
        self._troubles = found.troubles

    @property
    def chosen(self) -> Values:
        """What the file says and the command line does not say otherwise."""
        return {key: value for key, value in self._kept.items() if key not in self._told}

    @property
    def in_force(self) -> Values:
        """Of what is chosen, what holds in this run: some of it waits for the next one."""
        waiting = {declaration.key for declaration in DECLARED if declaration.effect == "restart"}
        now = {key: value for key, value in self._kept.items() if key not in waiting}
        then = {key: value for key, value in self._at_start.items() if key in waiting}
        return {key: value for key, value in (now | then).items() if key not in self._told}

    def change(self, changes: Mapping[str, object]) -> dict[str, Value]:
        """All of it holds from now on, and is what comes back; or none of it does.

        Raises BadRequest for values that cannot be, SettingsUnwritable.
        """
        values = checked(changes)
        self._file.change(values)
        self._kept.update(values)
        return values

    def forget(self, key: str) -> None:
        """As if it had never been set. Raises BadRequest or SettingsUnwritable."""
        self._file.change({}, frozenset({known(key).key}))
        self._kept.pop(key, None)

    def report(self, elsewhere: Values | None = None) -> SettingsReport:
        """`elsewhere`: values that something else keeps."""
        kept = self._kept | dict(elsewhere or {})
        settings = tuple(self._setting(declaration, kept) for declaration in DECLARED)
        return SettingsReport(settings=settings, file=str(self._file.path), troubles=self._troubles)

    def _setting(self, declaration: Declaration, kept: Values) -> Setting:
        key, default = declaration.key, declaration.default
        source: Literal["default", "file", "command_line"] = "default"
        if key in self._told:
            source = "command_line"
        elif key in kept:
            source = "file"
        value = self._told.get(key, kept.get(key, default))
        felt = self._at_start.get(key, default)
        pending = declaration.effect == "restart" and source != "command_line" and value != felt
        return Setting(
            key=key,
            group=declaration.group,
            short=declaration.short,
            long=declaration.long,
            form=declaration.kind.form(),
            value=value,
            default=default,
            source=source,
            effect=declaration.effect,
            pending=pending,
        )
