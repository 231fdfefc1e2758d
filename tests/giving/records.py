"""What other servers say in the directory."""

import time

from engine.wire.records import ServerState, SpanRecord
from tests.stand_in_engine import MANIFEST

PEER = "12D3KooW" + "A" * 44


def record(
    peer: str = PEER,
    model: str = MANIFEST.digest,
    state: ServerState = ServerState.ONLINE,
    tokens_per_s: float = 10.0,
    busy: float = 0.0,
) -> SpanRecord:
    return SpanRecord(
        peer=peer,
        model=model,
        model_name="tiny",
        start=0,
        end=2,
        n_layers=MANIFEST.n_layers,
        state=state,
        tokens_per_s=tokens_per_s,
        busy=busy,
        expires=time.time() + 60,
    )
