"""What the kernel tells in small files under /sys and /proc. What cannot be read or understood is None."""

from collections.abc import Mapping
from pathlib import Path


def text(path: Path) -> str | None:
    """Without the line's end; None if there is nothing."""
    try:
        return path.read_text(errors="replace").strip() or None
    except (OSError, ValueError):  # ValueError: a path that no file system takes
        return None


def number(path: Path) -> int | None:
    return to_number(text(path))


def to_number(value: str | None) -> int | None:
    """Decimal, or hexadecimal with 0x; None if it is no number of up to 64 bits without a sign."""
    try:
        found = int(value or "", 0)
    except ValueError:
        return None
    return found if 0 <= found < 1 << 64 else None


def listing(folder: Path) -> tuple[Path, ...]:
    """Sorted; empty if the folder is not there, or not for this user's eyes."""
    try:
        return tuple(sorted(folder.iterdir()))
    except OSError:
        return ()


def pairs(path: Path, separator: str | None = None) -> Mapping[str, str]:
    """Of a file with one key and its value in each line, between them a blank or the separator."""
    split = (line.split(separator, 1) for line in (text(path) or "").splitlines())
    return {pair[0].strip(): pair[1].strip() for pair in split if len(pair) == 2}
