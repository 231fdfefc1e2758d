"""What is told of a crash, from what lies on this computer, and what is never told."""

from desktop.app_state import Crash
from engine import __version__
from engine.api.diagnostics import crash_report
from engine.api.known_engines import read_known_engines
from engine.api.log_lines import read_log
from engine.settings import Paths


def report_of(crash: Crash, paths: Paths) -> str:
    lines = read_log(sorted(paths.logs.glob("*.log")))
    return crash_report(__version__, crash.sentence, crash.printed, lines, secrets_of(paths))


def secrets_of(paths: Paths) -> tuple[str, ...]:
    """Keys that this computer has: its own engine's, and those of engines elsewhere."""
    try:
        own = (paths.api_key.read_text().strip(),)
    except (OSError, UnicodeDecodeError):
        own = ()
    known = read_known_engines(paths.known_engines)
    return tuple(key for key in (*own, *(engine.key for engine in known.engines)) if key)
