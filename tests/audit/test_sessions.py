"""Sessions of an in-memory swarm that are audited: a liar's place is taken, and the rest comes out right."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.audit.auditor import Auditor, Tally
from engine.audit.recompute import SwarmRecompute
from engine.audit.schedule import Schedule
from engine.host.forward import Forward
from engine.host.schedule import Layers
from engine.route.opening import SwarmModel
from engine.route.session import SwarmSession
from engine.settings import AuditSettings
from tests.audit.spans import lively_model, lively_span
from tests.in_memory_swarm import IMPATIENT, MODEL, MemoryServer, MemorySwarm
from tests.tiny_models import N_LAYERS, LocalChain, some_states

PROMPT, STEPS = 20, 40
SCALE = 1.02


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    return lively_model("llama")


def tell_lies(server: MemoryServer, lie: Callable[[Tensor], Tensor]) -> None:
    honest = server.runner.run

    def run(forwards: Sequence[Forward], layers: Layers) -> list[Tensor]:
        return [lie(output) for output in honest(forwards, layers)]

    server.runner.run = run  # type: ignore[method-assign]


def auditor_of(swarm: MemorySwarm, share: float = 2.0, own: frozenset[str] = frozenset()) -> Auditor:
    recompute = SwarmRecompute(swarm, swarm, swarm.book, IMPATIENT, trusted=lambda: own)
    return Auditor(recompute, swarm.book, Schedule(AuditSettings(share), Random(1)), trusted=lambda: own)


def audited_session(swarm: MemorySwarm, auditor: Auditor) -> SwarmSession:
    model = SwarmModel(MODEL, "tiny", N_LAYERS)
    return SwarmSession(swarm, swarm.spans, model, IMPATIENT, swarm.book, audit=auditor.watch)


async def outputs_of(session: SwarmSession, auditor: Auditor) -> Tensor:
    """`[tokens, hidden]` of a prompt and single tokens; audits end between them."""
    outputs = [await session.step(some_states(PROMPT), 0)]
    for position in range(PROMPT, PROMPT + STEPS):
        await auditor.idle()
        outputs.append(await session.step(some_states(1, seed=position), position))
    return torch.cat(outputs)


def undisturbed(model: PreTrainedModel) -> Tensor:
    chain = LocalChain([lively_span(model)])
    outputs = [chain(some_states(PROMPT)[None], 0)]
    for position in range(PROMPT, PROMPT + STEPS):
        outputs.append(chain(some_states(1, seed=position)[None], position))
    return torch.cat(outputs, dim=1)[0]


async def settled(swarm: MemorySwarm, session: SwarmSession, auditor: Auditor) -> None:
    session.close()
    auditor.close()
    await auditor.idle()
    await swarm.settled()
    assert {server.runner.cache_used_bytes for server in swarm.servers.values()} == {0}


LIES: dict[str, Callable[[Tensor], Tensor]] = {
    "scaled": lambda output: SCALE * output,
    "random": lambda output: torch.randn(output.shape, generator=torch.Generator().manual_seed(1)),
    "bfloat16": lambda output: output.to(torch.bfloat16).float(),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_liar_is_replaced_and_what_follows_is_right(
    lie: str, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    liar = swarm.add(model, 0, 3)
    last = swarm.add(model, 3, N_LAYERS)
    spares = [swarm.add(model, 0, 3, step_seconds=0.5) for _ in range(2)]
    tell_lies(liar, LIES[lie])
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor)
    outputs = await outputs_of(session, auditor)
    assert swarm.book.is_avoided(liar.peer)
    assert not any(swarm.book.is_avoided(server.peer) for server in (last, *spares))
    assert session.liars == {liar.peer}
    assert {hop.peer for hop in session.report()} <= {last.peer, *(spare.peer for spare in spares)}
    errors = (outputs - undisturbed(model)).abs().amax(dim=1)
    assert errors[0] > 1e-3  # the beginning was told already
    assert errors[-STEPS // 4 :].max() < 1e-4
    await settled(swarm, session, auditor)


async def test_honest_servers_keep_their_places(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    servers = [swarm.add(model, *layers) for layers in [(0, 3), (3, N_LAYERS), (0, 2), (2, N_LAYERS)]]
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor)
    outputs = await outputs_of(session, auditor)
    assert (outputs - undisturbed(model)).abs().max() < 1e-4
    assert auditor.tally.agreed > 2
    assert auditor.tally.lies == auditor.tally.unsettled == session.replayed_spans == 0
    assert session.liars == set()
    assert not any(swarm.book.is_avoided(server.peer) for server in servers)
    await settled(swarm, session, auditor)


async def test_audits_look_like_any_session_and_never_reach_the_audited_server(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    audited, other = swarm.add(model), swarm.add(model, step_seconds=0.5)
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor)
    await outputs_of(session, auditor)
    assert audited.opened == 1
    assert other.opened == auditor.tally.agreed > 0
    await settled(swarm, session, auditor)


async def test_own_layers_are_asked_first_and_believed(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    liar, own = swarm.add(model), swarm.add(model, step_seconds=0.5)
    tell_lies(liar, LIES["scaled"])
    auditor = auditor_of(swarm, own=frozenset({own.peer}))
    session = audited_session(swarm, auditor)
    await outputs_of(session, auditor)
    assert auditor.tally.lies == 1
    assert [hop.peer for hop in session.report()] == [own.peer]
    await settled(swarm, session, auditor)


async def test_where_nobody_else_serves_the_layers_no_audit_is_tried_twice(
    swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    only = swarm.add(model)
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor)
    await outputs_of(session, auditor)
    assert auditor.tally == Tally()
    assert auditor.schedule.budget.spent == 0
    assert only.opened == 1
    await settled(swarm, session, auditor)


async def test_audits_cost_what_they_say(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    audited, other = swarm.add(model), swarm.add(model, step_seconds=0.5)
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor)
    await outputs_of(session, auditor)
    await auditor.idle()
    budget = auditor.schedule.budget
    assert budget.work == N_LAYERS * sum(tokens for _, tokens in audited.batcher.steps)
    assert budget.spent == N_LAYERS * sum(tokens for _, tokens in other.batcher.steps)
    assert 0 < budget.spent <= 2 * budget.work
    await settled(swarm, session, auditor)
