"""Servers that compute in this process, honestly or not, and sessions that use them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
import torch
from transformers import PreTrainedModel

from engine.audit.auditor import Auditor, Result
from engine.audit.record import Case, rows_of
from engine.audit.schedule import Schedule
from engine.audit.tolerance import Rows
from engine.audit.verdict import Opinion
from engine.model.span import Span
from engine.route.encodings import Ends
from engine.route.history import Chunk, History
from engine.route.opening import SwarmModel
from engine.route.plan import PlannedHop
from engine.route.states import States
from engine.settings import AuditSettings
from engine.wire.records import ServerState, SpanRecord
from tests.audit.spans import lively_span
from tests.tiny_models import N_LAYERS, some_states

MODEL = SwarmModel("0f" * 32, "tiny", N_LAYERS)
PLAIN = Ends("float32", "float32")
HALVES = ((0, 3), (3, N_LAYERS))
Lie = Callable[[Rows, Rows, int], Rows]  # what came in, the true output, how often it was asked before


def tells_the_truth(took: Rows, gave: Rows, asked: int) -> Rows:
    return gave


@dataclass
class SpanServer:
    """Layers of a model, announced in one precision and maybe served in another."""

    record: SpanRecord
    span: Span
    lie: Lie = tells_the_truth
    asked: int = 0

    @torch.inference_mode()
    def compute(self, took: Rows) -> Rows:
        """All rows of a text at once, from its first one on."""
        hidden = torch.from_numpy(took.copy())[None].to(self.span.dtype)
        return self.span.forward(hidden, self.span.new_cache())[0].float().numpy()

    def answer(self, took: Rows, true: Rows) -> Rows:
        self.asked += 1
        return np.ascontiguousarray(self.lie(took, true, self.asked - 1), np.float32)


@dataclass
class Servers:
    """By peer; also who computes for audits, the first that can."""

    model: PreTrainedModel
    by_peer: dict[str, SpanServer] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    audited: list[str] = field(default_factory=list)

    def add(
        self,
        layers: tuple[int, int],
        precision: str = "float32",
        *,
        announced: str | None = None,
        lie: Lie = tells_the_truth,
        model: PreTrainedModel | None = None,
    ) -> str:
        peer = "Qm" + "abcdefghijkmnopqrstuvwxyz"[len(self.by_peer)] * 30
        record = SpanRecord(
            peer=peer,
            model=MODEL.digest,
            model_name=MODEL.name,
            start=layers[0],
            end=layers[1],
            n_layers=N_LAYERS,
            state=ServerState.ONLINE,
            precision=announced or precision,
            expires=0,
        )
        self.by_peer[peer] = SpanServer(
            record, lively_span(model or self.model, *layers, precision=precision), lie
        )
        return peer

    async def __call__(
        self, model: SwarmModel, case: Case, without: frozenset[str]
    ) -> Opinion[Result] | None:
        if len(without) == 1:
            self.audited.append(case.peer)
        await asyncio.sleep(0)
        layers = case.hop.start, case.hop.end
        willing = [
            (peer, server)
            for peer, server in self.by_peer.items()
            if (server.record.start, server.record.end) == layers and peer not in without
        ]
        if not willing:
            return None
        peer, server = min(willing, key=lambda pair: pair[0] not in self.own)
        took = np.concatenate([rows_of(chunk.hidden) for chunk in case.took])
        gave = server.answer(took, server.compute(took))[case.since :]
        return Opinion(frozenset({peer}), Result(gave, (server.record.precision,)), peer in self.own)


@dataclass
class Book:
    """What audits wrote, in order."""

    honest: list[str] = field(default_factory=list)
    liars: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)

    def note_audit(self, peer: str, honest: bool) -> None:
        (self.honest if honest else self.liars).append(peer)

    def note_dispute(self, peer: str) -> None:
        self.disputed.append(peer)


def auditor_of(servers: Servers, book: Book, seed: int = 0, share: float = 0.5) -> Auditor:
    schedule = Schedule(AuditSettings(share), Random(seed))
    return Auditor(servers, book, schedule, trusted=lambda: servers.own)


@dataclass(eq=False)
class ServedHop:
    planned: PlannedHop
    outputs: History = field(default_factory=History)
    ends: Ends = PLAIN
    own_from: int = 0
    heir_of: frozenset[str] = frozenset()
    forked_at: int = 0
    is_doubtful: bool = False


async def chat(
    auditor: Auditor, servers: Servers, chain: Sequence[str], prompt: int = 24, steps: int = 24, seed: int = 0
) -> list[str]:
    """A session through these servers; the liars that it is told of."""
    told: list[str] = []
    session = auditor.watch(MODEL, told.append)
    cuts = [(0, prompt), *((at, at + 1) for at in range(prompt, prompt + steps))]
    text = some_states(prompt + steps, seed).numpy()
    rows = [text, *_through(servers, chain, text, cuts)]
    inputs, hops = History(), [hop_of(servers.by_peer[peer].record) for peer in chain]
    for start, end in cuts:
        for history, there in zip((inputs, *(hop.outputs for hop in hops)), rows, strict=True):
            history.extend(chunk_of(there[start:end], start))
        session.saw(inputs, hops)
        await asyncio.sleep(0)
    await auditor.idle()
    session.close()
    return told


def _through(
    servers: Servers, chain: Sequence[str], text: Rows, cuts: Sequence[tuple[int, int]]
) -> Iterator[Rows]:
    """What each server gives, who sees what the one before it gave."""
    for peer in chain:
        server = servers.by_peer[peer]
        true = server.compute(text)
        text = np.concatenate([server.answer(text[start:end], true[start:end]) for start, end in cuts])
        yield text


def hop_of(record: SpanRecord, own_from: int = 0) -> ServedHop:
    return ServedHop(PlannedHop(record, record.start, record.end), own_from=own_from)


def history_of(rows: Rows) -> History:
    history = History()
    history.extend(chunk_of(rows, 0))
    return history


def chunk_of(rows: Rows, position: int) -> Chunk[States]:
    return Chunk(position, States.of(torch.from_numpy(np.array(rows)), "float32"))
