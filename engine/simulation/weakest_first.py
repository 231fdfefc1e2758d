"""The rule of Petals, the best-known swarm of this kind, as a measure for others.

Source: Borzunov et al. 2023, "Distributed Inference and Fine-tuning of Large Language Models Over The
Internet", section 3.3 and the appendix on load balancing. A server holds as many consecutive blocks as its
memory takes. The throughput of a block is the sum of its servers'. Who joins takes the window whose
throughputs, sorted from the weakest up, come first. From time to time each server works out what the
swarm's throughput, that of its weakest block, would become if it took its best window, and then others did,
until nobody would; for a gain of 20 % it moves.

The paper has one model. Here throughputs are compared in relation to what is wanted of each model, and
servers move within their model. What others would do after a move is worked out once for all who ask within
`SHARED_SECONDS`: it hardly depends on who goes first.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from engine.placement.view import ModelView, Offer, Server, SwarmView
from engine.simulation.rules import Choice, Manners, Serving, quickest_offer

Floats = NDArray[np.float64]

GAIN = 1.2
EPSILON = 1e-3  # keeps servers where they are if other places are as good
MAX_PASSES = 20  # of letting all others move
SHARED_SECONDS = 60.0
ROUNDING = 1e-9


class WeakestFirst:
    manners = Manners()

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._worked_out: dict[
            str, tuple[float, float]
        ] = {}  # by model: when, the throughput after all moves

    def choose(self, peer: str, view: SwarmView, offers: Sequence[Offer]) -> Choice | None:
        quickest = [quickest_offer(offers, model) for model in dict.fromkeys(offer.model for offer in offers)]
        usual = (
            max(fmean(view.models[offer.model].wanted_tokens_per_s for offer in quickest), 1.0)
            if quickest
            else 1.0
        )
        weakest = [_weakest(view.models[offer.model], offer, usual) for offer in quickest]
        if not weakest:
            return None
        at = min(range(len(weakest)), key=lambda at: weakest[at][0])
        offer, start = quickest[at], weakest[at][1]
        return Choice(offer, start, start + offer.longest[start])

    def move(self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving) -> Choice | None:
        choice = serving.choice
        others, length = block_throughputs(view.models[choice.offer.model]), choice.end - choice.start
        own = choice.offer.layer_tokens_per_s / length
        now = others.copy()
        now[choice.start : choice.end] += own
        if now.min() > 0 and others.min() <= 0:
            return None  # it is the only one there
        without = now.copy()
        without[choice.start : choice.end] -= own * (1 + EPSILON)
        start = weakest_window(without, length)
        if start == choice.start or not self._pays(view.models[choice.offer.model], choice, now):
            return None
        return Choice(choice.offer, start, start + length)

    def _pays(self, model: ModelView, choice: Choice, now: Floats) -> bool:
        least = float(now.min())
        if least <= 0:
            return True
        return now.mean() > GAIN * least and self._after_all_moves(model, choice, now) >= GAIN * least

    def _after_all_moves(self, model: ModelView, choice: Choice, now: Floats) -> float:
        at, throughput = self._worked_out.get(model.digest, (-SHARED_SECONDS, 0.0))
        if self._clock() - at >= SHARED_SECONDS:
            own = (choice.start, choice.end, choice.offer.layer_tokens_per_s / (choice.end - choice.start))
            throughput = _settled(now, [own, *_spans(model.servers)])
            self._worked_out[model.digest] = self._clock(), throughput
        return throughput


def block_throughputs(model: ModelView) -> Floats:
    """`[layer]`: tokens/s of all servers of a layer together, each as if it worked on all of its layers."""
    steps = np.zeros(model.n_layers + 1)
    for start, end, rate in _spans(model.servers):
        steps[start] += rate
        steps[end] -= rate
    sums = np.cumsum(steps)[:-1]
    return np.where(sums > ROUNDING * sums.max(), sums, 0.0)


def _spans(servers: Iterable[Server]) -> list[tuple[int, int, float]]:
    return [(s.start, s.end, s.layer_tokens_per_s / (s.end - s.start)) for s in servers]


def weakest_window(throughputs: Floats, length: int) -> int:
    """The start of the window whose sorted throughputs are lexicographically the least; the first of equal
    ones.
    """
    windows = np.lib.stride_tricks.sliding_window_view(throughputs, length)
    lows = windows.min(axis=1)
    starts = np.flatnonzero(lows == lows.min())
    if len(starts) == 1:
        return int(starts[0])
    in_order = np.sort(windows[starts], axis=1)
    return int(starts[np.lexsort(in_order.T[::-1])[0]])


def _weakest(model: ModelView, offer: Offer, usual: float) -> tuple[tuple[float, float], int]:
    """Of a model's windows the weakest: its least and mean throughput, of what is wanted; and its start.

    `usual`: wanted tokens/s of a model that cannot be wanted yet.
    """
    relative = block_throughputs(model) / (model.wanted_tokens_per_s or usual)
    length = max(offer.longest)
    start = weakest_window(relative, length)
    window = relative[start : start + length]
    return (float(window.min()), float(window.mean())), start


def _settled(throughputs: Floats, spans: list[tuple[int, int, float]]) -> float:
    """The weakest block's throughput when one server after the other has taken its best window until none
    would.
    """
    throughputs = throughputs.copy()
    for _ in range(MAX_PASSES):
        moved = False
        for at, (start, end, rate) in enumerate(spans):
            throughputs[start:end] -= rate * (1 + EPSILON)
            new = weakest_window(throughputs, end - start)
            throughputs[start:end] += rate * EPSILON
            throughputs[new : new + end - start] += rate
            moved |= new != start
            spans[at] = new, new + end - start, rate
        if not moved:
            break
    return float(throughputs.min())
