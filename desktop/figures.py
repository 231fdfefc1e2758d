"""Numbers with a fraction, written as people write them where the user lives. Pure."""

from PySide6.QtCore import QCoreApplication, QLocale

from engine.byte_sizes import rounded_size

translate = QCoreApplication.translate
MOST_DIGITS = 6  # of a number that has as many as it needs


def decimal(number: float, digits: int) -> str:
    """With so many digits after the point, or the comma."""
    return _locale().toString(float(number), "f", digits)


def shortest(number: float) -> str:
    """With no more digits than it takes."""
    return _locale().toString(float(number), "g", MOST_DIGITS)


def bytes_in_words(count: int) -> str:
    number, digits, thousands = rounded_size(count)
    return f"{decimal(number, digits)} {size_units()[thousands]}"


def size_units() -> tuple[str, ...]:
    """Of bytes, each a thousand of the one before."""
    return (
        translate("Size", "B"),
        translate("Size", "KB"),
        translate("Size", "MB"),
        translate("Size", "GB"),
        translate("Size", "TB"),
    )


def _locale() -> QLocale:
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale
