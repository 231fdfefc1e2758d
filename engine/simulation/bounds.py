"""What no placement can exceed, whatever rule makes it: derived from memory and speed alone.

A server of rate `r` layer-tokens/s that holds at most `m` layers of a model with `n` layers adds at most
`min(r, m·T)` to a throughput of `T` tokens/s: more than `T` at one of its layers is of no use. All layers
together need `n·T`, so `n·T ≤ Σ min(r, m·T)` over its servers. Where servers choose among models, let `y`
be a server's share for each: `n_k·T_k ≤ Σ y_k·min(r_k, m_k·T_k)` with `Σ y_k ≤ 1` is a relaxation of every
choice. For a mix of throughputs `T = μ·d` and any prices `p ≥ 0` of the models' work it follows, by summing
up, that

    Σ p_k·n_k·μ·d_k  ≤  Σ_servers max_k p_k·min(r_k, m_k·μ·d_k)

so each choice of prices bounds μ; the least of many such bounds is taken (linear programming duality makes
the best one tight for the relaxation). Prices that are not the best only make the bound higher, never
wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.placement.view import Offer

Floats = NDArray[np.float64]

ROUNDS = 7  # of looking around the best prices, ever closer
PRICES_A_ROUND = 60
HALVINGS = 50
ROUNDING = 1e-9


@dataclass(frozen=True)
class Kind:
    """Computers that are alike."""

    count: float  # on average
    offers: tuple[Offer, ...]


class Bound:
    """For kinds of computers and the models that they offer."""

    def __init__(self, kinds: Iterable[Kind], layers: Mapping[str, int]) -> None:
        """`layers` of each model, by digest."""
        self._models = tuple(layers)
        self._layers = np.array([layers[model] for model in self._models], dtype=float)
        self._kinds = [kind for kind in kinds if kind.count]
        self._count = np.array([kind.count for kind in self._kinds], dtype=float)
        self._rates, self._most = self._tables()

    def _tables(self) -> tuple[Floats, Floats]:
        """Rates and most layers, `[kind, model, offer]`; zero where there is no offer."""
        deepest = max(
            (sum(offer.model == m for offer in kind.offers) for kind in self._kinds for m in self._models),
            default=0,
        )
        shape = (len(self._kinds), len(self._models), deepest)
        rates, most = np.zeros(shape), np.zeros(shape)
        for row, kind in enumerate(self._kinds):
            for column, model in enumerate(self._models):
                for at, offer in enumerate(offer for offer in kind.offers if offer.model == model):
                    rates[row, column, at] = offer.layer_tokens_per_s
                    most[row, column, at] = max(offer.longest)
        return rates, most

    def times(self, mix: Mapping[str, float]) -> float:
        """How many times these tokens/s, by model, could at most be served; 0 if nothing is asked for."""
        wanted = np.array([mix.get(model, 0.0) for model in self._models])
        asked = np.flatnonzero(wanted > 0)
        if not len(asked) or not len(self._kinds):
            return 0.0
        table = _Table(
            self._count,
            self._rates[:, asked],
            self._most[:, asked],
            self._layers[asked],
            wanted[asked],
        )
        return _least(table)


@dataclass(frozen=True)
class _Table:
    count: Floats  # [kind]
    rates: Floats  # [kind, model, offer]
    most: Floats  # [kind, model, offer]
    layers: Floats  # [model]
    wanted: Floats  # [model]

    def share(self, times: float) -> Floats:
        """Of each model's work that one computer of each kind can do at most, `[kind, model]`."""
        tokens = times * self.wanted
        adds = np.minimum(self.rates, self.most * tokens[:, None]).max(axis=2)
        return np.asarray(adds / (self.layers * tokens))

    def highest(self) -> float:
        """More than each model alone could be served."""
        most: Floats = self.count @ self.rates.max(axis=2) / (self.layers * self.wanted)
        return float(most.min())


def _least(table: _Table) -> float:
    """By the prices that bound it most: halves the range, and looks ever closer around the best ones."""
    low, high = 0.0, table.highest()
    if high <= 0:
        return 0.0
    prices = np.full(len(table.wanted), 1 / len(table.wanted))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        best, is_possible = _tightest(table, prices, middle)
        prices = best
        low, high = (middle, high) if is_possible else (low, middle)
        if high - low <= 1e-5 * high:
            break
    return high


def _tightest(table: _Table, around: Floats, times: float) -> tuple[Floats, bool]:
    """Prices at which so much looks least possible, and whether it still does."""
    share = table.share(times)
    best, least = around, float((around * share).max(axis=1) @ table.count)
    random, spread = np.random.default_rng(0), 1.0
    for _ in range(ROUNDS if len(around) > 1 else 0):
        if least < 1 - ROUNDING:
            break
        tried = best * np.exp(spread * random.standard_normal((PRICES_A_ROUND, len(best))))
        tried /= tried.sum(axis=1, keepdims=True)
        worth = (tried[:, None, :] * share).max(axis=2) @ table.count
        if worth.min() < least:
            least, best = float(worth.min()), tried[int(worth.argmin())]
        else:
            spread /= 2
    return best, least >= 1 - ROUNDING
