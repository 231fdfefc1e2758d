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
    """A record of the model with this name or digest; of several with one name, the most served."""
    return most_served([r for r in records if name_or_digest in (r.model, r.model_name)])
