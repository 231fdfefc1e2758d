"""Kinds of settings: which values each takes, and how people write them. Pure.

A value is what JSON and TOML can say: true or false, a number, text, a list of texts, or numbers by name.
None is no value: it stands for “no limit”, “Potluck chooses” and the like, written `none`. `checked` raises
ValueError with the end of a sentence that begins with the setting's name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.api.preferences_schema import Option, SettingForm, SettingKind, Value
from engine.api.sentences import filled, said
from engine.byte_sizes import GB, KB, MB, parse_size, size_in_words
from engine.manners.rules import DEVICE_KEY, MOST_DEVICES, MOST_WINDOWS
from engine.preferences.weekly import parse_window

NONE_WORDS = ("none", "off", "")
MAX_NAMES = 100
MAX_NAME = 300

_YES = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


@dataclass(frozen=True)
class Kind:
    none: str | None = None  # what None means, in words; without them None is no value

    def checked(self, value: object) -> Value:
        """The value as it is kept, from JSON, from TOML or from what somebody typed. Raises ValueError."""
        if self.none is not None and (value is None or (isinstance(value, str) and _is_none(value))):
            return None
        return self._checked(value)

    def written(self, value: Value) -> Value:
        """As it stands in the file."""
        return "none" if value is None else value

    def in_words(self, value: Value) -> str:
        return (self.none or "none") if value is None else str(value)

    def form(self) -> SettingForm:
        """What a page needs to draw a control."""
        raise NotImplementedError

    def _checked(self, value: object) -> Value:
        raise NotImplementedError


def _is_none(text: str) -> bool:
    return text.strip().lower() in NONE_WORDS


@dataclass(frozen=True)
class Switch(Kind):
    def form(self) -> SettingForm:
        return SettingForm(kind=SettingKind.SWITCH)

    def in_words(self, value: Value) -> str:
        return "on" if value else "off"

    def _checked(self, value: object) -> Value:
        if isinstance(value, str):
            value = _YES.get(value.strip().lower())
        if not isinstance(value, bool):
            raise ValueError(said("is on or off"))
        return value


@dataclass(frozen=True)
class Number(Kind):
    """A whole number."""

    unit: str = ""
    least: int = 0
    most: int = 100
    suggested: int | None = None

    def form(self) -> SettingForm:
        return SettingForm(
            kind=SettingKind.NUMBER,
            none=self.none,
            unit=self.unit,
            least=self.least,
            most=self.most,
            suggested=self.suggested,
        )

    def in_words(self, value: Value) -> str:
        return super().in_words(value) if value is None else f"{value} {self.unit}".strip()

    def _checked(self, value: object) -> Value:
        if isinstance(value, str):
            text = value.strip().removesuffix(self.unit).strip()
            value = int(text) if re.fullmatch(r"-?\d{1,9}", text) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise ValueError(self._complaint())
        return value

    def _complaint(self) -> str:
        if not self.unit:
            return said("is a whole number from {least} to {most}", least=self.least, most=self.most)
        return said(
            "is a whole number from {least} to {most} {unit}",
            least=self.least,
            most=self.most,
            unit=filled(self.unit, {}),
        )


@dataclass(frozen=True)
class Size(Kind):
    """Bytes."""

    least: int = MB
    most: int = 10**15
    suggested: int | None = None
    unit: str = "GB"
    factor: int = GB  # of the unit in which a page shows it

    def form(self) -> SettingForm:
        return SettingForm(
            kind=SettingKind.SIZE,
            none=self.none,
            unit=self.unit,
            factor=self.factor,
            least=self.least,
            most=self.most,
            suggested=self.suggested,
        )

    def written(self, value: Value) -> Value:
        return self._exact(value) if isinstance(value, int) else super().written(value)

    def in_words(self, value: Value) -> str:
        return size_in_words(value) if isinstance(value, int) else super().in_words(value)

    def _checked(self, value: object) -> Value:
        size = self._read(value) if isinstance(value, str) else value
        if isinstance(size, bool) or not isinstance(size, int) or not self.least <= size <= self.most:
            raise ValueError(
                said(
                    "is a size from {least:bytes} to {most:bytes}, such as {example}",
                    least=self.least,
                    most=self.most,
                    example=self._example,
                )
            )
        return size

    def _read(self, text: str) -> int | None:
        try:
            return parse_size(text)
        except ValueError:
            return None

    def _exact(self, size: int) -> Value:
        """In the largest unit of which it is a whole number."""
        units = (("GB", GB), ("MB", MB), ("KB", KB))
        return next((f"{size // factor}{unit}" for unit, factor in units if size % factor == 0), size)

    @property
    def _example(self) -> str:
        return "8GB"


@dataclass(frozen=True)
class Rate(Size):
    """Bytes per second."""

    least: int = 1000
    most: int = 10**12
    unit: str = "MB/s"
    factor: int = MB

    def form(self) -> SettingForm:
        return super().form().model_copy(update={"kind": SettingKind.RATE})

    def in_words(self, value: Value) -> str:
        return f"{size_in_words(value)}/s" if isinstance(value, int) else super().in_words(value)

    def _read(self, text: str) -> int | None:
        return super()._read(text.strip().removesuffix("/s"))

    @property
    def _example(self) -> str:
        return said("5MB a second")


@dataclass(frozen=True)
class Choice(Kind):
    options: tuple[Option, ...] = ()

    def form(self) -> SettingForm:
        return SettingForm(kind=SettingKind.CHOICE, none=self.none, options=self.options)

    def in_words(self, value: Value) -> str:
        words = {option.value: option.text for option in self.options}
        return words.get(value, "") if isinstance(value, str) else super().in_words(value)

    def _checked(self, value: object) -> Value:
        known = [option.value for option in self.options]
        if not isinstance(value, str) or value not in known:
            raise ValueError(said("is one of {known}", known=", ".join(known)))
        return value


@dataclass(frozen=True)
class ModelName(Kind):
    def form(self) -> SettingForm:
        return SettingForm(kind=SettingKind.MODEL, none=self.none)

    def _checked(self, value: object) -> Value:
        if not isinstance(value, str) or not _is_name(value.strip()):
            raise ValueError(said("is a name of up to {most} characters", most=MAX_NAME))
        return value.strip()


def _is_name(text: str, longest: int = MAX_NAME) -> bool:
    return 0 < len(text) <= longest and text.isprintable()


@dataclass(frozen=True)
class Names(Kind):
    """A list without double ones; typed with commas between them."""

    fits: Callable[[str], bool] = field(default=_is_name)
    what: str = said("names")  # “is a list of …”
    page: SettingKind = SettingKind.NAMES
    most: int = MAX_NAMES
    longest: int = MAX_NAME  # characters of one

    def form(self) -> SettingForm:
        return SettingForm(kind=self.page)

    def in_words(self, value: Value) -> str:
        return ", ".join(value) if isinstance(value, tuple) and value else "none"

    def written(self, value: Value) -> Value:
        return value

    def _checked(self, value: object) -> Value:
        if isinstance(value, str):
            value = [] if _is_none(value) else value.split(",")
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            raise ValueError(said("is a list of {what}", what=self.what))
        names = tuple(dict.fromkeys(name.strip() for name in value))
        wrong = [name for name in names if not (_is_name(name, self.longest) and self.fits(name))]
        if wrong:
            raise ValueError(
                said("is a list of {what}: “{wrong}” is none", what=self.what, wrong=wrong[0][:80])
            )
        if len(names) > self.most:
            raise ValueError(said("has at most {most} entries", most=self.most))
        return names


def _is_window(text: str) -> bool:
    try:
        parse_window(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class TimeWindows(Names):
    """Times of the week, such as `mon-fri 22:00-07:00`."""

    fits: Callable[[str], bool] = field(default=_is_window)
    what: str = "times such as mon-fri 22:00-07:00"
    page: SettingKind = SettingKind.TIMES
    most: int = MOST_WINDOWS

    def in_words(self, value: Value) -> str:
        return super().in_words(value) if value else "at any time"


def is_device_key(text: str) -> bool:
    return re.fullmatch(DEVICE_KEY, text) is not None


@dataclass(frozen=True)
class OfDevices(Kind):
    """Amounts by device key, also of devices that are not here now; typed as `cpu=4GB, GPU-1f3a=8GB`."""

    each: Kind = field(default_factory=Number)
    common: str = ""  # key of the setting that holds for all other devices
    example: str = ""

    def form(self) -> SettingForm:
        each = self.each.form()
        return each.model_copy(update={"kind": SettingKind.OF_DEVICES, "none": None, "common": self.common})

    def in_words(self, value: Value) -> str:
        amounts = value if isinstance(value, dict) else {}
        return ", ".join(f"{key}: {self.each.in_words(amount)}" for key, amount in amounts.items()) or "none"

    def written(self, value: Value) -> Value:
        if not isinstance(value, dict):
            return value
        written = {key: self.each.written(amount) for key, amount in value.items()}
        return {key: amount for key, amount in written.items() if isinstance(amount, int | str)}

    def _checked(self, value: object) -> Value:
        amounts = _amounts_in(value) if isinstance(value, str) else value
        if not isinstance(amounts, Mapping) or not all(map(_is_device, amounts)):
            raise ValueError(
                said(
                    "is a list of devices, each with what holds there, such as {example}",
                    example=self.example,
                )
            )
        if len(amounts) > MOST_DEVICES:
            raise ValueError(said("has at most {most} entries", most=MOST_DEVICES))
        checked = {key: self._checked_of(key, amount) for key, amount in amounts.items()}
        return {key: amount for key, amount in checked.items() if isinstance(amount, int)}

    def _checked_of(self, device: str, amount: object) -> Value:
        try:
            return self.each.checked(amount)
        except ValueError as error:
            raise ValueError(said("of {device} {complaint}", device=device, complaint=error)) from None


def _is_device(key: object) -> bool:
    return isinstance(key, str) and is_device_key(key)


def _amounts_in(text: str) -> Mapping[str, str] | None:
    """None: it is not written so."""
    if _is_none(text):
        return {}
    pairs = [tuple(part.strip() for part in entry.split("=")) for entry in text.split(",")]
    amounts = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    return amounts if len(amounts) == len(pairs) else None
