"""Which of the swarm's models are looked at first: pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from engine.wire.records import SpanRecord


def most_wanted(records: Iterable[SpanRecord]) -> list[SpanRecord]:
    """One record of each model that is served: those of most servers first, then those of most work."""
    by_model: defaultdict[str, list[SpanRecord]] = defaultdict(list)
    for record in records:
        if record.usable:
            by_model[record.model].append(record)

    def weight(model: str) -> tuple[int, float, str]:
        servers = by_model[model]
        return len(servers), sum(server.busy * server.tokens_per_s for server in servers), model

    return [by_model[model][0] for model in sorted(by_model, key=weight, reverse=True)]


def called(name_or_digest: str, records: Sequence[SpanRecord]) -> SpanRecord | None:
    """A record of the served model with this digest, else of the most wanted one with this name.

    A name is what strangers say it is: it never stands for another model's digest.
    """
    by_digest = [record for record in records if record.model == name_or_digest]
    meant = by_digest or [record for record in records if record.model_name == name_or_digest]
    return next(iter(most_wanted(meant)), None)
