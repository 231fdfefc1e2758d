"""Heads of several chats in one product: who computes what, and that nobody gets another's scores."""

import threading
from collections.abc import Callable

import pytest
import torch
import transformers as hf
from torch import Tensor, nn

from engine.generate.shared_head import MOST_ROWS, SharedProduct, share_head
from engine.generate.shell_models import lay_out_head
from tests.tiny_models import tiny_model


class Gate:
    """A product that is held up until it is let go; notes how many rows came at once."""

    def __init__(self, weight: Tensor) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()
        self.rows: list[int] = []
        self._weight = weight

    def __call__(self, states: Tensor) -> Tensor:
        self.rows.append(states.numel() // states.shape[-1])
        self.began.set()
        assert self.may_end.wait(60)
        if bool(torch.isnan(states).any()):
            raise ValueError("no number")
        return states @ self._weight


class Caller(threading.Thread):
    def __init__(self, product: Callable[[Tensor], Tensor], states: Tensor) -> None:
        super().__init__()
        self._product, self._states = product, states
        self.outputs: Tensor | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.outputs = self._product(self._states)
        except Exception as error:
            self.error = error


def calls(gate: Gate, shared: SharedProduct, states: list[Tensor]) -> list[Caller]:
    """The first one's product is under way when the others come."""
    callers = [Caller(shared, states[0])]
    assert gate.began.wait(60)
    callers += [Caller(shared, rows) for rows in states[1:]]
    while len(shared._waiting) < len(states) - 1:
        assert all(caller.is_alive() for caller in callers)
        threading.Event().wait(0.001)
    gate.may_end.set()
    for caller in callers:
        caller.join()
    return callers


def test_those_that_come_meanwhile_are_computed_together() -> None:
    torch.manual_seed(0)
    weight = torch.randn(8, 5)
    gate = Gate(weight)
    states = [torch.randn(shape) for shape in ((1, 1, 8), (1, 1, 8), (2, 8), (1, 3, 8))]
    callers = calls(gate, SharedProduct(gate), states)
    assert gate.rows == [1, 6]
    for caller, rows in zip(callers, states, strict=True):
        assert caller.outputs is not None
        assert caller.outputs.shape == (*rows.shape[:-1], 5)
        assert torch.allclose(caller.outputs, rows @ weight, atol=1e-6)


def test_nobody_waits_for_others_to_come() -> None:
    gate = Gate(torch.eye(4))
    gate.may_end.set()
    shared = SharedProduct(gate)
    for _ in range(3):
        assert torch.equal(shared(torch.ones(1, 1, 4)), torch.ones(1, 1, 4))
    assert gate.rows == [1, 1, 1]


def test_a_whole_prompt_goes_alone_and_at_once() -> None:
    gate = Gate(torch.eye(4))
    shared = SharedProduct(gate)
    first = Caller(shared, torch.ones(1, 4))
    assert gate.began.wait(60)
    prompt = Caller(shared, torch.ones(1, MOST_ROWS + 1, 4))
    while len(gate.rows) < 2:
        assert prompt.is_alive()
        threading.Event().wait(0.001)
    gate.may_end.set()
    first.join()
    prompt.join()
    assert gate.rows == [1, MOST_ROWS + 1]


def test_a_product_that_fails_is_told_and_the_next_one_is_computed() -> None:
    gate = Gate(torch.eye(4))
    shared = SharedProduct(gate)
    first, second = calls(gate, shared, [torch.full((1, 4), torch.nan), torch.ones(1, 4)])
    assert isinstance(first.error, ValueError)
    assert second.outputs is not None
    assert torch.equal(shared(torch.ones(1, 4)), torch.ones(1, 4))


def test_who_makes_a_shared_product_fail_is_told_alone() -> None:
    gate = Gate(torch.eye(4))
    nonsense = torch.full((1, 4), torch.nan)
    callers = calls(gate, SharedProduct(gate), [torch.ones(1, 4), torch.ones(1, 4), nonsense])
    assert [isinstance(caller.error, ValueError) for caller in callers] == [False, False, True]
    assert all(caller.outputs is not None for caller in callers[:2])


def test_many_threads_get_their_own_scores() -> None:
    weight = torch.randn(16, 64, generator=torch.Generator().manual_seed(0))
    shared = SharedProduct(lambda states: states @ weight)
    wrong: list[int] = []

    def ask(number: int) -> None:
        states = torch.full((1, 1, 16), float(number))
        for _ in range(100):
            if not torch.allclose(shared(states), states @ weight, atol=1e-3):
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("family", ["llama", "gemma2", "phi", "qwen2"])  # tied, soft-capped, with a bias
def test_a_model_s_scores_stay_the_same(family: str) -> None:
    model, ids = tiny_model(family), torch.tensor([[1, 2, 3]])
    with torch.inference_mode():
        before = model(ids).logits
        lay_out_head(model)
        share_head(model)
        assert isinstance(model.get_output_embeddings().forward, SharedProduct)
        assert torch.allclose(model(ids).logits, before, atol=1e-5)


def test_other_heads_are_left_alone() -> None:
    class Odd(hf.LlamaForCausalLM):
        def get_output_embeddings(self) -> nn.Module:
            return self.model.norm

    model = Odd(tiny_model("llama").config)
    before = model.model.norm.forward
    share_head(model)
    assert model.model.norm.forward == before
