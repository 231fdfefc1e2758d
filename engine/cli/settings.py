"""`potluck-engine settings`: what the owner has set, in the running engine or else in the file."""

import argparse
from collections.abc import Awaitable, Callable, Mapping
from itertools import groupby
from typing import Any

from engine.api.client import EngineClient
from engine.api.preferences_schema import Setting, SettingsReport, Value
from engine.cli.commands import add_command, with_client
from engine.errors import BadRequest, NotRunning
from engine.preferences.desk import LIMIT
from engine.preferences.kinds import OfDevices
from engine.preferences.preferences import Preferences
from engine.preferences.settings_file import SettingsFile
from engine.preferences.values import known
from engine.settings import Settings

_SOURCES = {"default": "", "file": "set", "command_line": "by the command line, for this run"}
_GROUPS = {
    "when": "When to run",
    "how_much": "How much",
    "devices": "Devices",
    "swarm": "Swarm",
    "chat": "Chat",
    "api": "Local address",
}


def add_settings(commands: Any) -> None:
    text = "Show what is set, or set it: by one key, and with one value."
    settings = add_command(commands, "settings", _settings, text)
    settings.add_argument("key", nargs="?", metavar="KEY", help="such as when.on_battery")
    hint = "on, off, 8GB, none, …; the key alone tells which values it takes"
    settings.add_argument("value", nargs="?", metavar="VALUE", help=hint)
    settings.add_argument("--reset", action="store_true", help="as if it had never been set")


def _settings(args: argparse.Namespace) -> int:
    report = _done(args)
    shown = report.settings if args.key is None else (report.setting(known(args.key).key),)
    if args.json:
        print((report if args.key is None else shown[0]).model_dump_json(indent=2))
    else:
        print("\n".join((*report.troubles, _text(report) if args.key is None else _line_and_more(shown[0]))))
    return 0


def _done(args: argparse.Namespace) -> SettingsReport:
    """What is set after what was asked for. Raises BadRequest, SettingsUnwritable."""
    if args.reset:
        key = known(args.key or "").key
        return _asked(lambda client: client.forget_setting(key), lambda kept: kept.forget(key))
    if args.value is not None:
        change = {known(args.key).key: args.value}
        return _asked(lambda client: client.change_settings(change), lambda kept: _keep(kept, change))
    return _asked(lambda client: client.settings(), lambda kept: None)


def _asked(
    engine: Callable[[EngineClient], Awaitable[SettingsReport]], file: Callable[[Preferences], object]
) -> SettingsReport:
    """By the running engine, else by the file."""

    async def ask(client: EngineClient) -> SettingsReport:
        return await engine(client)

    try:
        report: SettingsReport = with_client(ask)
    except NotRunning:
        preferences = Preferences(SettingsFile(Settings().paths.settings_file))
        file(preferences)
        report = preferences.report()
    return report


def _keep(preferences: Preferences, change: Mapping[str, Value]) -> None:
    """Raises BadRequest for the one value that is not kept in the file of settings."""
    if LIMIT in change:
        raise BadRequest(
            "Potluck's engine is not running: set the limit of the layer store with "
            "`potluck-engine layers limit`, or start the engine first."
        )
    preferences.change(change)


def _text(report: SettingsReport) -> str:
    parts = [
        "\n".join((_GROUPS[group], *(f"  {_line(setting)}" for setting in settings)))
        for group, settings in groupby(report.settings, key=lambda setting: setting.group)
    ]
    return "\n\n".join((*parts, f"Kept in {report.file}"))


def _line(setting: Setting) -> str:
    waits = "holds after a restart of Potluck" if setting.pending else ""
    notes = ", ".join(note for note in (_SOURCES[setting.source], waits) if note)
    words = known(setting.key).kind.in_words(setting.value)
    return f"{setting.key}: {words}" + (f"  ({notes})" if notes else "")


def _line_and_more(setting: Setting) -> str:
    values = _values_of(setting)
    return "\n".join(line for line in (_line(setting), f"{setting.short}. {setting.long}", values) if line)


def _values_of(setting: Setting) -> str:
    """Which values it takes."""
    form = setting.form
    taken = {
        "switch": "on or off",
        "number": f"a number from {form.least} to {form.most} {form.unit}".strip(),
        "size": "a size such as 8GB",
        "rate": "a rate such as 5MB, in a second",
        "of_devices": "a value for each of some devices, such as " + _example(setting.key),
        "choice": ", ".join(option.value for option in form.options),
    }.get(form.kind, "a list with commas" if form.none is None else "a name")
    return f"Takes {taken}" + (f"; none: {form.none}" if form.none else "")


def _example(key: str) -> str:
    kind = known(key).kind
    return kind.example if isinstance(kind, OfDevices) else ""
