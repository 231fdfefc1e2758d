"""Audits where hidden states are rounded on their way: the honest are believed, and liars are caught."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from engine.audit.auditor import Auditor
from engine.audit.tolerance import Rows, agrees, bounds_of, difference
from engine.route.encodings import Ends
from engine.route.opening import SwarmModel
from engine.route.session import SwarmSession
from engine.wire.messages import ENCODINGS, WireEncoding
from engine.wire.tensors import pack, unpack
from tests.audit.spans import computed, lively_model
from tests.audit.test_sessions import auditor_of, outputs_of, settled, tell_lies
from tests.in_memory_swarm import IMPATIENT, MODEL, MemorySwarm
from tests.tiny_models import N_LAYERS, some_states

TOKENS = 48
TOOK: Rows = some_states(TOKENS).numpy()


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    return lively_model("llama")


def told(rows: Rows, encoding: WireEncoding) -> Rows:
    return unpack(*pack(torch.from_numpy(np.ascontiguousarray(rows)), encoding)).float().numpy()


def agree(a: Rows, b: Rows, encoding: WireEncoding) -> bool:
    bounds = bounds_of(("float32", "float32"), N_LAYERS, encoding)
    return agrees(difference(TOOK, told(a, encoding), told(b, encoding)), bounds)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_the_way_rounds_is_allowed_and_not_much_more(
    encoding: WireEncoding, model: PreTrainedModel
) -> None:
    true, again = (computed(model, "float32", some_states(TOKENS), chunk) for chunk in (TOKENS, 7))
    assert agree(true, again, encoding)
    lies = (1.02 * again, np.roll(again, 1, axis=0), TOOK, np.zeros_like(again))
    assert not any(agree(true, lie, encoding) for lie in lies)


def audited_session(swarm: MemorySwarm, auditor: Auditor, encoding: WireEncoding) -> SwarmSession:
    settings = replace(IMPATIENT, ends=Ends(encoding, encoding))
    known = SwarmModel(MODEL, "tiny", N_LAYERS)
    return SwarmSession(swarm, swarm.spans, known, settings, swarm.book, audit=auditor.watch)


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_honest_servers_keep_their_places(
    encoding: WireEncoding, swarm: MemorySwarm, model: PreTrainedModel
) -> None:
    for _ in range(2):
        swarm.add(model)
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor, encoding)
    await outputs_of(session, auditor)
    assert auditor.tally.agreed > 2
    assert auditor.tally.lies == auditor.tally.unsettled == 0
    await settled(swarm, session, auditor)


async def test_a_liar_is_caught_in_eight_bits(swarm: MemorySwarm, model: PreTrainedModel) -> None:
    liar, *_ = [swarm.add(model) for _ in range(3)]
    tell_lies(liar, lambda output: 1.02 * output)
    auditor = auditor_of(swarm)
    session = audited_session(swarm, auditor, "int8")
    await outputs_of(session, auditor)
    assert session.liars == {liar.peer}
    await settled(swarm, session, auditor)
