"""A forward on a card gets everything in one copy, is waited for once, and gives everything back in one copy.

torch's "meta" device stands for the card: its tensors hold no numbers, so that whoever asks for one fails.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.host.budget import BlockBudget
from engine.host.copies import to_main_memory
from engine.host.forward import Forward, Setup, run_forward
from engine.host.kv_cache import SessionCache
from engine.host.session_memory import Pool
from engine.host.ticks import Ticks
from engine.model.masks import MaskBuilder, mask_forms
from engine.model.span import Span
from tests.tiny_models import CONFIGS, HIDDEN, N_LAYERS, some_states, span_of, tiny_model

ALONE = {"bloom"}
# What families' own code does in each layer: falcon picks keys and values by lists of indices.
COPIES = {"falcon": 2 * N_LAYERS}
# What families' own code asks for once, where it gets no mask: gpt2 looks whether a text has padding.
ASKS = {"gpt2"}


class Census(TorchDispatchMode):
    """Counts what goes to the device and comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.copy_.default and args[1].is_meta and not args[0].is_meta:
            self.seen["back"] += 1
            return args[0]
        out = func(*args, **(kwargs or {}))
        [made, *_] = [leaf for leaf in tree_leaves(out) if isinstance(leaf, Tensor)] or [torch.empty(0)]
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        if made.is_meta and any(not tensor.is_meta and tensor.dim() for tensor in given):
            self.seen["there"] += 1
        if func is torch.ops.aten.lift_fresh.default:
            self.seen["numbers of Python's"] += 1
        return out


def on_the(device: str, family: str) -> tuple[Span, Setup]:
    span = span_of(tiny_model(family))
    span.decoder.to(device, torch.bfloat16)
    memory = Pool(span, BlockBudget(8))
    if family in ALONE:
        return span, Setup(memory)
    masks = MaskBuilder(span.config, mask_forms(span.config)[0])
    return span, Setup(memory, masks, shares_forwards=True, ticks=Ticks(memory, masks, HIDDEN, None, 0))


def one_forward(device: str, family: str, lengths: tuple[int, ...], tokens: int) -> Counter[str]:
    span, setup = on_the(device, family)
    forwards = []
    for length in lengths:
        session = SessionCache()
        setup.memory.reserve(session, 0, length + tokens)
        session.length = length
        forwards.append(Forward(session, some_states(tokens)))
    with Census() as census:
        to_main_memory(run_forward(span, setup, forwards))
    return census.seen


def check(family: str, lengths: tuple[int, ...], tokens: int, of_python: int) -> None:
    on_the_card = one_forward("meta", family, lengths, tokens)
    assert (on_the_card["there"], on_the_card["back"]) == (1, 1)
    # On a card each of these may be a copy of its own; torch does not show it where nothing is copied.
    in_main_memory = one_forward("cpu", family, lengths, tokens)
    assert in_main_memory["numbers of Python's"] == of_python + COPIES.get(family, 0)


@pytest.mark.parametrize("family", [family for family in CONFIGS if family not in ALONE])
def test_a_tick_of_several_sessions(family: str) -> None:
    check(family, (3, 9, 70), 1, of_python=1)  # the table, in main memory


@pytest.mark.parametrize("family", [family for family in CONFIGS if family not in ASKS])
@pytest.mark.parametrize("tokens", [1, 5])
def test_tokens_of_one_session(family: str, tokens: int) -> None:
    check(family, (70,), tokens, of_python=0)


@pytest.mark.parametrize("family", sorted(ASKS))
def test_what_a_family_asks_for_itself(family: str) -> None:
    with pytest.raises(RuntimeError, match="cannot be called on meta tensors"):
        one_forward("meta", family, (70,), 1)


def test_a_way_that_copies_in_parts_is_seen() -> None:
    span, setup = on_the("meta", "llama")
    sessions = [SessionCache(), SessionCache()]
    for session in sessions:
        setup.memory.reserve(session, 0, 4)
        session.length = 3
    with Census() as census:
        run_forward(span, replace(setup, ticks=None), [Forward(s, some_states(1)) for s in sessions])
    assert census.seen.total() > 1
