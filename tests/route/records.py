"""Records of made-up servers."""

from engine.precision import Native, Runs
from engine.wire.records import PROTOCOL_VERSION, Coordinates, ServerState, SpanRecord

N = 8


def peer(number: int) -> str:
    return "Qm" + "abcdefghijkmnopqrstuvwxyz"[number % 25] * (20 + number // 25)


A, B, C = peer(0), peer(1), peer(2)


def server(
    number: int,
    start: int = 0,
    end: int = N,
    *,
    n_layers: int = N,
    state: ServerState = ServerState.ONLINE,
    protocol: int = PROTOCOL_VERSION,
    queue_depth: int = 0,
    free_cache_tokens: int = 0,
    step_seconds: float = 0.0,
    tokens_per_s: float = 0.0,
    upload_bytes_per_s: float = 0.0,
    coordinates: Coordinates | None = None,
    precision: Native = "float32",
    layer_precisions: Runs = (),
) -> SpanRecord:
    return SpanRecord(
        peer=peer(number),
        model="0f" * 32,
        model_name="tiny",
        start=start,
        end=end,
        n_layers=n_layers,
        state=state,
        protocol=protocol,
        queue_depth=queue_depth,
        free_cache_tokens=free_cache_tokens,
        step_seconds=step_seconds,
        tokens_per_s=tokens_per_s,
        upload_bytes_per_s=upload_bytes_per_s,
        coordinates=coordinates,
        precision=precision,
        layer_precisions=layer_precisions,
        expires=0,
    )


def at(x: float, *, height: float = 0.0, error: float = 0.1) -> Coordinates:
    """So many seconds from the origin, on a line."""
    return Coordinates(at=(x, 0.0, 0.0), height=height, error=error)
