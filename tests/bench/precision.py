"""`python -m tests.bench.precision [--tokens N] [--each]`: what coarse layers cost the starter model.

The same text is read with the layers in several precisions, all in this process, with one thread. Divergence
is what the next words' chances lose to those of float32: Kullback-Leibler, in nats for each token. `--each`
does it for every layer alone. From these figures are the tables in `engine/planning/quality.py`.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import exp
from pathlib import Path
from typing import TypeGuard

import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax, nll_loss

from engine.generate.shell_models import ShellModel, load_shell
from engine.host.loading import build_span
from engine.model.extras import StepExtras
from engine.model.span import Span
from engine.model.swarm_cache import SwarmCache
from engine.planning.quality import quality
from engine.precision import NATIVES, Native, Precision, runs_of
from engine.settings import Paths
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore

TEXT = Path(__file__).parent / "texts" / "harbour.txt"
WINDOW = 512  # tokens that are read together

Mix = Sequence[Precision]  # of each layer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.precision", description=__doc__)
    parser.add_argument("--tokens", type=int, default=2048, help="of the text, at most")
    parser.add_argument("--each", action="store_true", help="every layer alone, too: minutes")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    reading = Reading(store, import_starter(store), TEXT.read_text(), args.tokens)
    print(json.dumps(_measure(reading, args.each), indent=2, ensure_ascii=False))


def _measure(reading: "Reading", each: bool) -> dict[str, object]:
    n_layers = reading.manifest.n_layers
    table = {name: reading.figures(mix) for name, mix in mixtures(n_layers).items()}
    found: dict[str, object] = {"tokens": len(reading), "mixtures": table}
    found["computed in bfloat16"] = {
        precision: reading.figures((precision,) * n_layers, "bfloat16") for precision in ("int8", "nf4")
    }
    if each:
        found["divergence of one layer in nf4"] = list(_alone(reading, "nf4"))
        found["divergence of one layer in int8"] = list(_alone(reading, "int8"))
    return found


def _alone(reading: "Reading", precision: Precision) -> Iterator[float]:
    n_layers = reading.manifest.n_layers
    for index in range(n_layers):
        mix = [precision if layer == index else "float32" for layer in range(n_layers)]
        yield round(reading.divergence(mix), 6)


def mixtures(n_layers: int) -> dict[str, Mix]:
    half, ends = n_layers // 2, 2
    inner = n_layers - 2 * ends

    def with_ends(outer: Precision, rest: Precision) -> Mix:
        return (*[outer] * ends, *[rest] * inner, *[outer] * ends)

    whole: list[Precision] = ["float32", "float16", "bfloat16", "int8", "nf4"]
    return {
        **{precision: (precision,) * n_layers for precision in whole},
        "nf4, then float32": (*["nf4"] * half, *["float32"] * (n_layers - half)),
        "float32, then nf4": (*["float32"] * half, *["nf4"] * (n_layers - half)),
        "nf4, ends in float32": with_ends("float32", "nf4"),
        "nf4, ends in int8": with_ends("int8", "nf4"),
        "int8, ends in nf4": with_ends("nf4", "int8"),
        "nf4, then int8": (*["nf4"] * half, *["int8"] * (n_layers - half)),
    }


class Reading:
    """A text through a model whose layers are kept in any mixture of precisions."""

    def __init__(self, store: LayerStore, manifest: Manifest, text: str, tokens: int) -> None:
        self.manifest = manifest
        self._store = store
        self._shell: ShellModel = load_shell(manifest, store)
        self._windows = torch.tensor(self._shell.tokenizer(text).input_ids[:tokens]).split(WINDOW)
        self._spans: dict[tuple[Precision, Native], Span] = {}

    def __len__(self) -> int:
        return sum(map(len, self._windows))

    def figures(self, mix: Mix, native: Native = "float32") -> Mapping[str, float]:
        """`native`: what coarse layers compute in."""
        surprise = divergence = same = 0.0
        for said, true, window in zip(self._said(mix, native), self._true, self._windows, strict=True):
            surprise += nll_loss(said[:-1], window[1:], reduction="sum").item()
            divergence += _divergence(said, true)
            same += (said.argmax(-1) == true.argmax(-1)).sum().item()
        divergence /= len(self)
        return {
            "perplexity": round(exp(surprise / (len(self) - len(self._windows))), 3),
            "divergence": round(divergence, 5),
            "same next word": round(same / len(self), 4),
            "measured quality": round(exp(-divergence), 4),
            "estimated quality": round(quality(mix, len(mix)), 4),
        }

    def divergence(self, mix: Mix) -> float:
        said = self._said(mix, "float32")
        return sum(_divergence(*pair) for pair in zip(said, self._true, strict=True)) / len(self)

    @cached_property
    def _true(self) -> list[Tensor]:
        return list(self._said(["float32"] * self.manifest.n_layers, "float32"))

    @torch.inference_mode()
    def _said(self, mix: Mix, native: Native) -> Iterator[Tensor]:
        """Logarithms of the next words' chances in each window: `[tokens, vocabulary]`."""
        for window in self._windows:
            cache = SwarmCache(lambda *step: self._walk(mix, native, *step))
            logits = self._shell.model(input_ids=window[None], past_key_values=cache).logits[0]
            yield log_softmax(logits.float(), -1)

    def _walk(
        self, mix: Mix, native: Native, hidden: Tensor, position: int, extras: StepExtras | None
    ) -> Tensor:
        at = 0
        for precision, count in runs_of(mix):
            span = self._span(precision, native).narrow(at, at := at + count)
            hidden = span.forward(hidden.to(span.dtype), span.new_cache()).float()
            span.detach()
        return hidden

    def _span(self, precision: Precision, native: Native) -> Span:
        """All layers in one precision."""
        computes: Native = precision if is_native(precision) else native
        key = precision, computes
        if key not in self._spans:
            n, dtype = self.manifest.n_layers, getattr(torch, computes)
            self._spans[key] = build_span(self.manifest, self._store, 0, n, dtype, "cpu", (precision,) * n)
        return self._spans[key]


def is_native(precision: Precision) -> TypeGuard[Native]:
    return precision in NATIVES


def _divergence(said: Tensor, true: Tensor) -> float:
    """Of all tokens together."""
    return kl_div(said, true, reduction="sum", log_target=True).item()


if __name__ == "__main__":
    main()
