"""Numbers with a fraction, written as people write them where the user lives. Pure."""

from PySide6.QtCore import QLocale

MOST_DIGITS = 6  # of a number that has as many as it needs


def decimal(number: float, digits: int) -> str:
    """With so many digits after the point, or the comma."""
    return _locale().toString(float(number), "f", digits)


def shortest(number: float) -> str:
    """With no more digits than it takes."""
    return _locale().toString(float(number), "g", MOST_DIGITS)


def _locale() -> QLocale:
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale
