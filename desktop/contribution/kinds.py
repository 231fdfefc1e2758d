"""The four ways to count what was given, and how each is said. Pure."""

from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from desktop.figures import decimal, shortest, size_units
from desktop.sharing.wording import bytes_in_words, count_in_words, time_in_words
from engine.api.schema import Given
from engine.byte_sizes import rounded_size

translate = QCoreApplication.translate

LONG = 100 * 3600.0  # seconds, of which nobody wants to know the minutes


class Kind(StrEnum):
    WORK = "work"
    TIME = "time"
    TRAFFIC = "traffic"
    ENERGY = "energy"


def name_of(kind: Kind) -> str:
    return {
        Kind.WORK: translate("Contribution", "Tokens × layers"),
        Kind.TIME: translate("Contribution", "Online"),
        Kind.TRAFFIC: translate("Contribution", "Traffic"),
        Kind.ENERGY: translate("Contribution", "Energy"),
    }[kind]


def amount_of(given: Given, kind: Kind) -> float:
    """In layer-tokens, seconds, bytes or watt-hours."""
    return {
        Kind.WORK: float(given.layer_tokens),
        Kind.TIME: given.seconds_online,
        Kind.TRAFFIC: float(given.sent_bytes + given.received_bytes),
        Kind.ENERGY: given.watt_hours,
    }[kind]


def estimated_of(given: Given, kind: Kind) -> float:
    """How much of the amount nobody measured."""
    return min(given.watt_hours_estimated, given.watt_hours) if kind is Kind.ENERGY else 0.0


def in_words(amount: float, kind: Kind) -> str:
    if kind is Kind.WORK:
        return count_in_words(round(amount))
    if kind is Kind.TIME:
        return time_in_words(amount) if amount < LONG else _hours(amount)
    return bytes_in_words(round(amount)) if kind is Kind.TRAFFIC else energy_in_words(amount)


def line_in_words(amount: float, kind: Kind, highest: float) -> str:
    """Of a round amount, in short, and in the unit of the highest line."""
    if amount == 0:
        return "0"
    if kind is Kind.TIME and amount % 3600 == 0:
        return _hours(amount)
    if kind is Kind.ENERGY:
        return (
            _energy(shortest(amount / 1000), True) if _is_kilo(highest) else _energy(shortest(amount), False)
        )
    if kind is Kind.TRAFFIC:
        thousands = rounded_size(highest)[2]
        return f"{shortest(amount / 1000**thousands)} {size_units()[thousands]}"
    return in_words(amount, kind)


def _hours(seconds: float) -> str:
    return translate("Contribution", "{count} h").format(count=f"{seconds / 3600:.0f}")


def energy_in_words(watt_hours: float) -> str:
    is_kilo = _is_kilo(watt_hours)
    number = watt_hours / 1000 if is_kilo else watt_hours
    return _energy(decimal(number, 1 if 0.05 <= number < 9.95 else 0), is_kilo)


def _is_kilo(watt_hours: float) -> bool:
    """Whether it would be rounded to 1000 Wh, or more."""
    return watt_hours >= 999.5


def _energy(amount: str, is_kilo: bool) -> str:
    unit = translate("Contribution", "{amount} kWh") if is_kilo else translate("Contribution", "{amount} Wh")
    return unit.format(amount=amount)


def given_in_words(given: Given, kind: Kind) -> str:
    """Marked where it is an estimate, if only in part."""
    words = in_words(amount_of(given, kind), kind)
    if not estimated_of(given, kind):
        return words
    return translate("Contribution", "about {amount}").format(amount=words)
