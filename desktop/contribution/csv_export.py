"""What was given as a table for other programs: RFC 4180, one row per period."""

import csv
import io
from pathlib import Path

from engine.api.history_schema import History
from engine.api.schema import Given


def csv_of(history: History) -> str:
    """The header names the units that are not plain counts."""
    text = io.StringIO()
    table = csv.writer(text)
    fields = tuple(Given.model_fields)
    table.writerow([history.by.value, *fields])
    for period in history.periods:
        table.writerow([period.start, *(getattr(period.given, field) for field in fields)])
    return text.getvalue()


def write_csv(history: History, path: Path) -> None:
    """Raises OSError."""
    path.write_text(csv_of(history), encoding="utf-8", newline="")
