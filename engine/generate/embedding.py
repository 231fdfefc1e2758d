"""Vectors for many texts, several at once through the swarm."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from torch import Tensor

from engine.daemon_thread import in_daemon_thread
from engine.generate.encoders import Encoder
from engine.generate.events import Embeddings
from engine.generate.session_walk import SessionWalk
from engine.route.session import SwarmSession

AT_ONCE = 4  # texts, each in a session of its own

Inputs = Mapping[str, Tensor]


async def embed_texts(
    encoder: Encoder, texts: Sequence[str], open_session: Callable[[], SwarmSession]
) -> Embeddings:
    """Raises BadRequest before anything is sent if a text is too long, later what the swarm raises."""
    read = await asyncio.to_thread(lambda: [encoder.read(text) for text in texts])
    vectors: dict[int, list[float]] = {}
    pending = iter(enumerate(read))
    sessions = [open_session() for _ in range(min(AT_ONCE, len(texts)))]
    tasks = [asyncio.create_task(_work(encoder, session, pending, vectors)) for session in sessions]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for session in sessions:
            session.close()
    tokens = sum(inputs["input_ids"].shape[1] for inputs in read)
    return Embeddings([vectors[index] for index in range(len(texts))], tokens)


async def _work(
    encoder: Encoder,
    session: SwarmSession,
    pending: Iterator[tuple[int, Inputs]],
    vectors: dict[int, list[float]],
) -> None:
    """Take one text after the other until none is left."""
    for index, inputs in pending:
        walk = SessionWalk(session)
        try:
            vectors[index] = await in_daemon_thread(lambda i=inputs, w=walk: encoder.vector(i, w), "embed")
        finally:
            walk.stop()
