"""What other servers say in the directory, and of which models."""

import time

from engine.weights.manifest import Manifest
from engine.wire.records import ServerState, SpanRecord
from tests.stand_in_engine import MANIFEST

PEER = "12D3KooW" + "A" * 44


def changed(**fields: object) -> Manifest:
    return Manifest(**{name: getattr(MANIFEST, name) for name in Manifest.model_fields} | fields)


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
