"""`python -m tests.bench.audits [--tokens N] [--audits N]`: which lies audits find, and what they cost.

The starter model's middle layers are computed in this process, with one thread: honestly in several
precisions, and wrongly in several ways. Figures are shares and ratios of one run.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from random import Random
from statistics import median

import numpy as np
import torch

from engine.audit.checks import Span as Layers
from engine.audit.checks import StepChecks
from engine.audit.schedule import MIN_TOKENS, Draw, Schedule, Work, depth_of
from engine.audit.tolerance import Rows, agrees, bounds_of, difference
from engine.generate.shell_models import load_shell
from engine.host.loading import build_span
from engine.model.span import Span
from engine.settings import AuditSettings, Paths
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore

TEXT = (
    "A pot of soup set out to travel around the world. In the first country it met a baker, who asked:\n"
    "“What is 12 × 17?” It did not know, but it knew the way to the sea (three days, by cart). "
)
PRECISIONS = ("float32", "float16", "bfloat16")
CHATS, HOPS = 300, 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audits", description=__doc__)
    parser.add_argument("--tokens", type=int, default=160, help="of the text that is computed")
    parser.add_argument("--audits", type=int, default=500, help="for each kind of lie")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    print(json.dumps(_measure(store, import_starter(store), args), indent=2, ensure_ascii=False))


@torch.inference_mode()
def _measure(store: LayerStore, manifest: Manifest, args: argparse.Namespace) -> dict[str, object]:
    start, end = manifest.n_layers // 3, 2 * manifest.n_layers // 3
    took = _states_at(store, manifest, start, args.tokens)

    def span(precision: str, first: int = start) -> Span:
        return build_span(manifest, store, first, first + end - start, getattr(torch, precision), "cpu")

    spans = {precision: span(precision) for precision in PRECISIONS}
    served = {precision: _computed(one, took, args.tokens) for precision, one in spans.items()}
    other = _computed(span("float32", end), took, args.tokens)
    audits = _Audits(took, served["float32"], end - start, args.audits)
    return {
        "layers": end - start,
        "tokens": args.tokens,
        "honest error, of what is allowed": {
            **{
                f"float32, {size} tokens at a time": audits.error(
                    _computed(spans["float32"], took, size), "float32"
                )
                for size in (1, 16)
            },
            **{precision: audits.error(served[precision], precision) for precision in PRECISIONS[1:]},
        },
        "found by one audit": {
            f"announced as {announced}": {
                **{
                    kind: audits.found(lie(took, served[announced]), announced)
                    for kind, lie in _lies(other).items()
                },
                **{
                    f"{precision} served": audits.found(served[precision], announced)
                    for precision in PRECISIONS
                },
            }
            for announced in PRECISIONS
        },
        "steps that look odd": _odd(took, served["float32"], _lies(other)),
        **_cost(spans["float32"], took, served["float32"]),
    }


def _states_at(store: LayerStore, manifest: Manifest, layer: int, tokens: int) -> Rows:
    """Hidden states of a text before a layer: `[tokens, hidden]`."""
    shell = load_shell(manifest, store)
    ids = torch.tensor([shell.tokenizer(TEXT * tokens).input_ids[:tokens]])
    hidden = shell.model.get_input_embeddings()(ids)
    before = build_span(manifest, store, 0, layer, torch.float32, "cpu")
    return before.forward(hidden, before.new_cache())[0].numpy()


def _computed(span: Span, took: Rows, size: int) -> Rows:
    """The outputs, so many tokens at a time."""
    cache, hidden = span.new_cache(), torch.from_numpy(took.copy()).to(span.dtype)
    return torch.cat([span.forward(piece[None], cache)[0] for piece in hidden.split(size)]).float().numpy()


Lie = Callable[[Rows, Rows], Rows]  # what came in, what should come out


def _lies(other_layers: Rows) -> dict[str, Lie]:
    def now_and_then(share: float) -> Lie:
        def lie(took: Rows, gave: Rows) -> Rows:
            lies = np.random.default_rng(2).random((len(gave), 1)) < share
            return np.where(lies, _random(took, gave), gave)

        return lie

    return {
        "random, of the right size": _random,
        "scaled by 1.02": lambda took, gave: gave * np.float32(1.02),
        "scaled by 2": lambda took, gave: gave * 2,
        "what came in": lambda took, gave: took,
        "what the step before should have given": lambda took, gave: np.roll(gave, 1, axis=0),
        "other weights": lambda took, gave: other_layers,
        "random in a fifth of the steps": now_and_then(0.2),
        "random in a twentieth of the steps": now_and_then(0.05),
    }


def _random(took: Rows, gave: Rows) -> Rows:
    noise = np.random.default_rng(1).standard_normal(gave.shape)
    sized = noise * np.linalg.norm(gave, axis=1, keepdims=True) / gave.shape[1] ** 0.5
    return sized.astype(np.float32)


class _Audits:
    """Of one text, by a referee that computes in float32, at depths as they are drawn."""

    def __init__(self, took: Rows, true: Rows, layers: int, count: int) -> None:
        self._took, self._true, self._layers = took, true, layers
        random, work = Random(1), Work("server", layers, len(took))
        self._depths = [depth_of(Draw.new(random), work) for _ in range(count)]

    def error(self, gave: Rows, announced: str) -> float:
        bounds = bounds_of(["float32", announced, "float32"], self._layers)
        errors = difference(self._took, gave, self._true).errors
        return round(float(np.median(errors)) / bounds.error, 4)

    def found(self, gave: Rows, announced: str) -> float:
        bounds = bounds_of(["float32", announced, "float32"], self._layers)
        parts = [(self._took[:n], gave[:n], self._true[:n]) for n in self._depths]
        return round(sum(not agrees(difference(*part), bounds) for part in parts) / len(parts), 3)


def _odd(took: Rows, true: Rows, lies: dict[str, Lie]) -> dict[str, float]:
    """Shares of single steps that cheap checks notice, where audits have confirmed half of the text."""
    half = len(took) // 2
    results = {"honest": true, **{kind: lie(took, true) for kind, lie in lies.items()}}
    return {kind: _share_odd(took, gave, true, half) for kind, gave in results.items()}


def _share_odd(took: Rows, gave: Rows, true: Rows, half: int) -> float:
    checks, layers = StepChecks(), Layers("model", 0, 1)
    checks.confirm(layers, took[:half], true[:half])
    steps = range(half, len(took))
    odd = [checks.oddity(layers, "peer", at, took[at : at + 1], gave[at : at + 1]) for at in steps]
    return round(sum(word is not None for word in odd) / len(odd), 3)


def _cost(span: Span, took: Rows, true: Rows) -> dict[str, object]:
    chat = median(_seconds(lambda: _computed(span, took, 1)))
    again = median(_seconds(lambda: _computed(span, took, len(took))))
    checks, layers = StepChecks(), Layers("model", 0, 1)
    checks.confirm(layers, took, true)
    steps = [(at, took[at : at + 1], true[at : at + 1]) for at in range(1, len(took))]
    looks = median(_seconds(lambda: [checks.oddity(layers, "peer", *step) for step in steps]))
    share, audits = _spent()
    return {
        "layer-tokens of audits, of all that chats cause": round(share, 4),
        "time of computing a text again, of decoding it": round(again / chat, 3),
        "servers' time for audits, of chats' time": round(share * again / chat, 4),
        "time of cheap checks, of one server's decoding": round(looks / chat, 5),
        "chats for each audit": round(CHATS / audits, 1),
    }


def _seconds(work: Callable[[], object]) -> Iterator[float]:
    for _ in range(3):
        started = time.perf_counter()
        work()
        yield time.perf_counter() - started


def _spent() -> tuple[float, int]:
    """By the schedule as it is by default: chats of 40 to 600 tokens through three servers of ten layers."""
    random, schedule, audits = Random(1), Schedule(AuditSettings(), Random(2)), 0
    for _ in range(CHATS):
        for tokens in range(MIN_TOKENS, random.randint(40, 600)):
            schedule.budget.work += 10 * HOPS
            done = [Work(str(hop), 10, tokens) for hop in range(HOPS)]
            if (due := schedule.due(done)) is not None:
                schedule.budget.spent += done[due[0]].cost(due[1])
                schedule.note_begun()
                audits += 1
    return schedule.budget.spent / schedule.budget.work, audits


if __name__ == "__main__":
    main()
