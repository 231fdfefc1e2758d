"""`python -m tests.bench.crossings [--tokens N]`: what hidden states encoded on links cost the starter.

The same text is read with all layers in float32, and the hidden states at some borders between layers encoded
and decoded as on a link: at each single border, and at all those of a chain of three servers. What is lost is
the divergence of `tests.bench.precision`, nats for each token: the losses in `engine/route/encodings.py`.
"""

import argparse
import json
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.model.extras import StepExtras
from engine.settings import Paths
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore
from engine.wire.messages import WireEncoding
from engine.wire.tensors import pack, unpack
from tests.bench.precision import TEXT, Mix, Reading

LOSSY: tuple[WireEncoding, ...] = ("bfloat16", "float16", "int8")
BORDERS = range(0, 31, 5)  # of the starter model's 30 layers
CHAIN = (0, 10, 20, 30)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crossings", description=__doc__)
    parser.add_argument("--tokens", type=int, default=1024, help="of the text, at most")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    reading = CrossingReading(store, import_starter(store), TEXT.read_text(), args.tokens)
    print(json.dumps({name: _told(reading, name) for name in LOSSY}, indent=2))


def _told(reading: "CrossingReading", encoding: WireEncoding) -> Mapping[str, object]:
    return {
        "one link": {border: reading.lost(encoding, (border,)) for border in BORDERS},
        "all links of three servers": reading.lost(encoding, CHAIN),
        "largest error of a row": reading.farthest,
    }


class CrossingReading(Reading):
    """As it is read where hidden states cross links."""

    _encoding: WireEncoding = "float32"
    _borders: Sequence[int] = ()
    farthest = 0.0  # of the rows that crossed the last ones: the error over the row's length

    def lost(self, encoding: WireEncoding, borders: Sequence[int]) -> float:
        """Nats for each token."""
        mix: Mix = ("float32",) * self.manifest.n_layers
        assert self._true  # read without links
        self._encoding, self._borders, self.farthest = encoding, borders, 0.0
        try:
            return self.divergence(mix)
        finally:
            self._borders = ()

    def _walk(
        self, mix: Mix, native: object, hidden: Tensor, position: int, extras: StepExtras | None
    ) -> Tensor:
        last, at = self.manifest.n_layers, 0
        for end in (*(border for border in self._borders if 0 < border < last), last):
            hidden = self._crossed(hidden, at)
            span = self._span("float32", "float32").narrow(at, end)
            hidden = span.forward(hidden, span.new_cache())
            span.detach()
            at = end
        return self._crossed(hidden, at)

    def _crossed(self, hidden: Tensor, border: int) -> Tensor:
        if border not in self._borders:
            return hidden
        [rows] = hidden
        crossed = unpack(*pack(rows, self._encoding)).float()
        errors = (crossed - rows).norm(dim=1) / rows.norm(dim=1)
        self.farthest = max(self.farthest, errors.max().item())
        return crossed[None]


if __name__ == "__main__":
    main()
