"""Sizes of files and memory as people read and write them: decimal, as disks and downloads are sold."""

import re

KB = 1000
MB = KB * 1000
GB = MB * 1000
TB = GB * 1000

_UNITS = {"KB": KB, "MB": MB, "GB": GB, "TB": TB}


def size_in_words(size: float) -> str:
    """`0 bytes`, `812 bytes`, `1.2 MB`, `35 GB`: two digits that matter, at least."""
    number, digits, thousands = rounded_size(size)
    unit = tuple(_UNITS)[thousands - 1] if thousands else "byte" if number == 1 else "bytes"
    return f"{number:.{digits}f} {unit}"


def rounded_size(size: float) -> tuple[float, int, int]:
    """The number that is said of a size, its digits after the point, and its unit: 0 bytes, 1 KB, 2 MB, …"""
    for thousands, factor in reversed(tuple(enumerate(_UNITS.values(), 1))):
        if size >= 0.9995 * factor:  # what would be rounded to 1000 of the next smaller unit
            number = size / factor
            digits = 1 if number < 9.95 else 0
            return round(number, digits), digits, thousands
    return round(size), 0, 0


def parse_size(text: str) -> int:
    """`50GB`, `1.5 TB`, `800mb` in bytes. Raises ValueError with a sentence for people."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]B)", text.strip().upper())
    if match is None:
        raise ValueError(f"“{text}” is no size: write one such as 50GB or 800MB")
    return round(float(match[1]) * _UNITS[match[2]])
