"""What Potluck noted in its log files, line by line, without secrets. Read by windows on this computer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 256 * 1024  # of each file's end
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) ([A-Z]+) ([\w.]+): (.*)")
_SECRETS = (
    (re.compile(r"potluck://join/\S*"), "potluck://join/…"),
    (re.compile(r"(?i)(bearer\s+|api[_-]?key\W{1,4}|hf_)[\w.\-]{8,}"), r"\1…"),
)


@dataclass(frozen=True)
class LogLine:
    """`text` may hold several lines: an exception's, below its message."""

    time: str  # local, as in the file: sorts by time
    level: str
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.time} {self.level} {self.source}: {self.text}"


def read_log(files: Sequence[Path], secrets: Sequence[str] = ()) -> tuple[LogLine, ...]:
    """The ends of these files together, in the order of time. `secrets` are left out wherever they stand."""
    lines = [line for file in files for line in parse_log(_end_of(file), secrets)]
    return tuple(sorted(lines, key=lambda line: line.time))


def parse_log(text: str, secrets: Sequence[str] = ()) -> Iterator[LogLine]:
    """What comes before the first whole entry is passed over."""
    entry: LogLine | None = None
    for line in without_secrets(text, secrets).splitlines():
        if match := _LINE.fullmatch(line):
            if entry is not None:
                yield entry
            entry = LogLine(*match.groups())
        elif entry is not None:
            entry = LogLine(entry.time, entry.level, entry.source, f"{entry.text}\n{line}")
    if entry is not None:
        yield entry


def without_secrets(text: str, secrets: Sequence[str] = ()) -> str:
    """Without keys, invite links, and the name of the user's folder."""
    for secret in secrets:
        text = text.replace(secret, "…") if len(secret) >= 8 else text
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text.replace(str(Path.home()), "~")


def _end_of(file: Path) -> str:
    """Empty where there is none."""
    try:
        with file.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - MAX_BYTES))
            return log.read(MAX_BYTES).decode(errors="replace")
    except OSError:
        return ""
