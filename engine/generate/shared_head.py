"""The heads of chats that choose a token at the same moment, in one product.

A head is the largest matrix that a chat's own computer multiplies with: for one row, it is read from memory
for the sake of a few operations a number. Several rows at once cost hardly more (`engine.model.packed`).
"""

import threading
from collections.abc import Callable

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

MOST_ROWS = 8  # of a call that is put together with others; a whole prompt's rows go alone
AT_ONCE = 64  # calls in one product

Product = Callable[[Tensor], Tensor]  # `[..., inputs]` to `[..., outputs]`


def share_head(model: PreTrainedModel) -> None:
    """Have the model's head answer all threads that ask at the same moment together.

    The head is what transformers calls the output embeddings: tied ones, ones with a bias and ones whose
    scores the model's code changes afterwards (a scale, a soft cap) are all linear layers. A head that is
    something else, or that the model's code multiplies by without calling it, runs alone for each chat.
    """
    head = model.get_output_embeddings()
    if isinstance(head, nn.Linear):
        head.forward = SharedProduct(head.forward)


class _Call:
    def __init__(self, states: Tensor) -> None:
        self.states = states
        self.outputs: Tensor | None = None
        self.error: Exception | None = None
        self.may_go_on = threading.Event()  # its answer is here, or it is to compute the next ones

    @property
    def is_answered(self) -> bool:
        return self.outputs is not None or self.error is not None


class SharedProduct:
    """Whoever comes first computes at once, alone if nobody else is there: no call waits for others to come.

    Those that come meanwhile are computed together afterwards, by the first of them. With a packed matrix, a
    row's product is the same bit for bit whatever is beside it; with others it may differ in the last bits
    between one row and several, as it does between a span's forwards of one row and of several.
    """

    def __init__(self, product: Product) -> None:
        self._product = product
        self._lock = threading.Lock()
        self._waiting: list[_Call] = []
        self._is_computing = False

    def __call__(self, states: Tensor) -> Tensor:
        if states.numel() > MOST_ROWS * states.shape[-1]:
            return self._product(states)
        call = _Call(states)
        if not self._may_compute(call):
            call.may_go_on.wait()
        if not call.is_answered:
            self._compute()
        if call.outputs is None:
            raise call.error or RuntimeError("a head gave nothing")
        return call.outputs

    def _may_compute(self, call: _Call) -> bool:
        with self._lock:
            self._waiting.append(call)
            is_first, self._is_computing = not self._is_computing, True
            return is_first

    def _compute(self) -> None:
        """The product of all that wait."""
        with self._lock:
            calls, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        try:
            _answer(calls, self._product)
        except Exception as error:
            for call in calls:
                call.error = error
        finally:
            self._let_next_compute()
            for call in calls:
                call.may_go_on.set()

    def _let_next_compute(self) -> None:
        with self._lock:
            self._is_computing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].may_go_on.set()


def _answer(calls: list[_Call], product: Product) -> None:
    if len(calls) == 1:
        calls[0].outputs = product(calls[0].states)
        return
    try:
        _answer_together(calls, product)
    except Exception:  # perhaps of one of them alone, or of memory for all
        for call in calls:
            _answer_alone(call, product)


def _answer_alone(call: _Call, product: Product) -> None:
    try:
        call.outputs = product(call.states)
    except Exception as error:
        call.error = error


def _answer_together(calls: list[_Call], product: Product) -> None:
    rows = [call.states.reshape(-1, call.states.shape[-1]) for call in calls]
    outputs = product(torch.cat(rows)).split([len(one) for one in rows])
    for call, one in zip(calls, outputs, strict=True):
        call.outputs = one.view(*call.states.shape[:-1], one.shape[-1])
