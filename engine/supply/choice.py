"""Which of the swarm's models this computer serves when its owner has named none: pure."""

from collections import Counter
from collections.abc import Sequence

from engine.wire.records import SpanRecord


def most_served(records: Sequence[SpanRecord]) -> SpanRecord | None:
    """A record of the model that most servers give layers of; None: there is no model."""
    first = {record.model: record for record in records}
    servers = Counter(record.model for record in records)
    return max(first.values(), key=lambda record: (servers[record.model], record.model), default=None)


def called(name_or_digest: str, records: Sequence[SpanRecord]) -> SpanRecord | None:
    """A record of the model with this digest, else of the most served one with this name.

    A name is what strangers say it is: it never stands for another model's digest.
    """
    by_digest = [record for record in records if record.model == name_or_digest]
    return most_served(by_digest or [record for record in records if record.model_name == name_or_digest])
