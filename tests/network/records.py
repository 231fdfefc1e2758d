"""Records of spans, as servers announce them."""

import time

from engine.wire.records import ServerState, SpanRecord

MODEL, OTHER_MODEL = "ab" * 32, "cd" * 32


def span(peer: str, seconds: float = 60.0, **changes: object) -> SpanRecord:
    """One that holds for so many seconds from now."""
    fields = dict(model=MODEL, model_name="tiny", start=0, end=3, n_layers=6, state=ServerState.ONLINE)
    return SpanRecord(peer=peer, expires=time.time() + seconds, **{**fields, **changes})
