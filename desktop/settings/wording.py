"""What the Settings page says. Pure."""

from PySide6.QtCore import QCoreApplication, QLocale

from desktop.app_state import sentence_of
from desktop.figures import bytes_in_words, shortest
from desktop.sharing.wording import time_in_words
from engine.api.manners_schema import Preview
from engine.api.preferences_schema import Setting, SettingForm, SettingKind, Value

translate = QCoreApplication.translate
SHORTEST_PREVIEW = 600.0  # seconds that have to be recorded to say anything
MOST_KEPT = 4  # reasons that are told
DAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def declared_text(english: str) -> str:
    """What the engine's declaration says, in the user's language."""
    return translate("Declared", english) if english else ""


def section_title(group: str) -> str:
    return {
        "when": translate("Settings", "When to run"),
        "how_much": translate("Settings", "How much"),
        "devices": translate("Settings", "Devices"),
        "swarm": translate("Settings", "Swarm"),
        "chat": translate("Settings", "Chat"),
        "app": translate("Settings", "Appearance"),
        "api": translate("Settings", "Local address"),
        "engines": translate("Settings", "Engines"),
        "logs": translate("Settings", "Logs"),
    }[group]


def section_intro(group: str) -> str:
    return {
        "when": translate(
            "Settings", "Potluck gives only while all of these allow it, and makes way at once."
        ),
        "how_much": translate(
            "Settings",
            "What it may take of this computer while it gives. "
            "Under Devices, each one may have its own limits.",
        ),
        "devices": translate("Settings", "What Potluck decides by itself unless you do."),
        "swarm": translate("Settings", "With whom this computer shares layers."),
        "chat": translate("Settings", "How the answers to your own questions are made."),
        "app": translate("Settings", "This window, and what happens when the computer starts."),
        "api": translate(
            "Settings", "Other programs chat through Potluck as they would through OpenAI's API."
        ),
        "engines": translate("Settings", "Which computer's Potluck this window shows and steers."),
        "logs": translate("Settings", "What Potluck noted. It stays on this computer."),
    }[group]


def value_in_words(setting: Setting, value: Value) -> str:
    form = setting.form
    if value is None:
        return declared_text(form.none or "")
    if isinstance(value, bool):
        return translate("Settings", "on") if value else translate("Settings", "off")
    if isinstance(value, tuple):
        return ", ".join(value) if value else translate("Settings", "none")
    if isinstance(value, dict):
        amounts = [_with_unit(form, amount) for amount in value.values() if isinstance(amount, int)]
        return ", ".join(amounts) or translate("Settings", "none")
    if isinstance(value, str):
        texts = {option.value: declared_text(option.text) for option in form.options}
        return texts.get(value, value)
    return _with_unit(form, value)


def _with_unit(form: SettingForm, value: float) -> str:
    return f"{amount_in_words(form, value)} {declared_text(form.unit)}".strip()


def amount_in_words(form: SettingForm, value: float) -> str:
    return shortest(value / form.factor)


def state_of(setting: Setting) -> str:
    """What the reader has to know beside the value; mostly nothing."""
    if setting.source == "command_line":
        return translate("Settings", "Said on the command line for this run, whatever is set here.")
    if setting.pending:
        return translate("Settings", "Holds after a restart of Potluck.")
    return ""


def saved(setting: Setting) -> str:
    said = translate("Settings", "{what}: {value}").format(
        what=declared_text(setting.short), value=value_in_words(setting, setting.value)
    )
    return f"{said}. {state_of(setting)}" if setting.pending else f"{said}."


def preview_in_words(preview: Preview) -> str:
    """What the rules would have meant in the last 24 hours."""
    if preview.recorded_seconds < SHORTEST_PREVIEW:
        return translate(
            "Settings", "What these settings would have meant yesterday is told once it ran for ten minutes."
        )
    return translate(
        "Settings",
        "With these settings, the last 24 hours would have been: {given} of giving, in {recorded} that "
        "Potluck ran.",
    ).format(given=time_in_words(preview.giving_seconds), recorded=time_in_words(preview.recorded_seconds))


def kept_in_words(preview: Preview) -> tuple[str, ...]:
    """What would have kept it from giving, and for how long; the longest first."""
    if preview.recorded_seconds < SHORTEST_PREVIEW:
        return ()
    return tuple(
        translate("Settings", "{time}: {why}").format(
            time=time_in_words(kept.seconds), why=sentence_of(kept.condition)
        )
        for kept in preview.kept[:MOST_KEPT]
    )


def out_of_range(form: SettingForm, typed: str) -> str:
    """Why an amount that was typed is not set."""
    least, most = (_amount_and_unit(form, amount) for amount in (form.least, form.most))
    return translate("Settings", "“{typed}” was not set: it takes a number from {least} to {most}.").format(
        typed=typed, least=least, most=most
    )


def _amount_and_unit(form: SettingForm, amount: int) -> str:
    return bytes_in_words(amount) if form.kind is SettingKind.SIZE else _with_unit(form, amount)


def day_names() -> tuple[tuple[str, str, str], ...]:
    """Key, one or two letters and full name of each day, in the week's order where the user lives."""
    locale = QLocale()
    first = locale.firstDayOfWeek().value - 1
    order = [(first + step) % 7 for step in range(7)]
    return tuple(
        (
            DAY_KEYS[day],
            locale.standaloneDayName(day + 1, QLocale.FormatType.ShortFormat)[:2],
            locale.standaloneDayName(day + 1, QLocale.FormatType.LongFormat),
        )
        for day in order
    )


def is_tall(kind: SettingKind) -> bool:
    """Whether the control stands below its text."""
    return kind in (SettingKind.NAMES, SettingKind.PROGRAMS, SettingKind.TIMES)
