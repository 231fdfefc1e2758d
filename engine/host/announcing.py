"""What a block server says in the directory, how long that counts, and how it is taken back."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable

from engine.errors import PotluckError
from engine.host.orders import HostConfig
from engine.network.directory import Directory
from engine.network.node import Node
from engine.weights.manifest import Manifest
from engine.wire.messages import ENCODINGS
from engine.wire.records import ServerState, SpanRecord

ANNOUNCE_SECONDS = 5.0
RECORD_LIFETIME_SECONDS = 20.0
FAREWELL_SECONDS = 0.5


def record_of(
    config: HostConfig, manifest: Manifest, node: Node, state: ServerState, **measured: object
) -> SpanRecord:
    """`measured`: more fields of the record, or others in place of what the config promises."""
    said = {
        "peer": node.peer_id,
        "addresses": tuple(node.addresses[:16]),
        "model": manifest.digest,
        "model_name": manifest.name,
        "start": config.start,
        "end": config.end,
        "n_layers": manifest.n_layers,
        "state": state,
        "precision": config.precision,
        "layer_precisions": config.layer_precisions,
        "public_name": config.public_name,
        "encodings": ENCODINGS,
        "tokens_per_s": config.tokens_per_s * config.duty,
        "expires": time.time() + RECORD_LIFETIME_SECONDS,
    }
    return SpanRecord.model_validate(said | measured)


async def withdraw(directory: Directory, model: str) -> None:
    """What this node says of the model with this digest."""
    await say_quickly(directory.withdraw(model))


async def say_quickly(word: Awaitable[None]) -> None:
    """A last word: it is not waited for for long, if the network is slow."""
    with contextlib.suppress(PotluckError, TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await word
