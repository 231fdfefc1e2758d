"""Sizes of files and memory as people read and write them: decimal, as disks and downloads are sold."""

import re

KB = 1000
MB = KB * 1000
GB = MB * 1000
TB = GB * 1000

_UNITS = {"KB": KB, "MB": MB, "GB": GB, "TB": TB}


def size_in_words(size: float) -> str:
    """`0 bytes`, `812 bytes`, `1.2 MB`, `35 GB`: two digits that matter, at least."""
    for unit, factor in reversed(_UNITS.items()):
        if size >= 0.9995 * factor:  # what would be rounded to 1000 of the next smaller unit
            number = size / factor
            return f"{number:.1f} {unit}" if number < 9.95 else f"{number:.0f} {unit}"
    return f"{size:.0f} {'byte' if round(size) == 1 else 'bytes'}"


def parse_size(text: str) -> int:
    """`50GB`, `1.5 TB`, `800mb` in bytes. Raises ValueError with a sentence for people."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]B)", text.strip().upper())
    if match is None:
        raise ValueError(f"“{text}” is no size: write one such as 50GB or 800MB")
    return round(float(match[1]) * _UNITS[match[2]])
