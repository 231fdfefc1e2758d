"""A model that reads on in several branches of one text at once, and whether it can."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import DynamicCache

from engine.model.masks import MaskBuilder, branch_masks, mask_forms
from engine.model.span import CACHE_ARGUMENTS, accepted_by, next_positions

Path = tuple[int, ...]  # tokens that follow the text, one after the other

_SAME = 1e-3  # of the largest score: how far the same computation may differ
# A model that takes something in another form fails in a way of its own.
_FAILURES = (TypeError, ValueError, RuntimeError, KeyError, AttributeError, IndexError)


class Reader:
    """A model, and the text whose keys and values it holds, with branches that may follow the text."""

    def __init__(self, model: PreTrainedModel, masks: MaskBuilder | None = None) -> None:
        """`masks` as `masks_for_branches` has found them; None: it reads no branches."""
        self.model = model
        self._masks = masks
        self._accepted = accepted_by(model)
        self._cache = DynamicCache()
        self._branches: dict[Path, int] = {}  # where in the cache the last token of each path is
        self.tokens: list[int] = []

    @property
    def branches(self) -> bool:
        return self._masks is not None

    def keep(self, length: int) -> None:
        """Forget what stands behind so many tokens, and all branches."""
        held = len(self.tokens) + len(self._branches)
        if length < held:
            self._cache.crop(length - held)
            self._branches.clear()
            del self.tokens[length:]

    def read(self, tokens: Sequence[int]) -> Tensor:
        """These come next. Returns the scores of what follows them, `[1, vocabulary]`."""
        self.keep(len(self.tokens))
        ids = torch.tensor([list(tokens)])
        scores = self._run(ids, next_positions(self._cache, ids), None, keep=1)
        self.tokens += tokens
        return scores

    def go_on(self, text: Sequence[int]) -> None:
        """The text is longer now: what has been read of it in a branch becomes text."""
        known = len(self.tokens)
        if not self._branches or list(text[:known]) != self.tokens:
            return
        came, places = tuple(text[known:]), []
        while len(places) < len(came) and (place := self._branches.get(came[: len(places) + 1])) is not None:
            places.append(place)
        read = len(places)
        rest = {p: at for p, at in self._branches.items() if len(p) > read and p[:read] == came[:read]}
        self._move([*places, *rest.values()])
        self.tokens += came[:read]
        self._branches = {path[read:]: known + read + at for at, path in enumerate(rest)}

    def look(self, paths: Sequence[Path]) -> Tensor:
        """The scores of what follows each path, `[paths, vocabulary]`; what leads to it has been read."""
        assert self._masks is not None
        trunk = len(self.tokens)
        end = trunk + len(self._branches)
        places = [self._places(path, end + row) for row, path in enumerate(paths)]
        allowed = branch_masks(self.model.config.get_text_config(), trunk, end + len(paths), places)
        ids = torch.tensor([[path[-1] for path in paths]])
        positions = torch.tensor([[trunk + len(path) - 1 for path in paths]])
        mask = self._masks.for_step(allowed, self.model.dtype, ids.device)
        scores = self._run(ids, positions, mask, keep=len(paths))
        self._branches |= {path: end + row for row, path in enumerate(paths)}
        return scores

    def _places(self, path: Path, own: int) -> list[tuple[int, int]]:
        """Of a path's tokens: in the cache, and in the text."""
        trunk = len(self.tokens)
        before = [(self._branches[path[:at]], trunk + at - 1) for at in range(1, len(path))]
        return [*before, (own, trunk + len(path) - 1)]

    @torch.inference_mode()
    def _move(self, places: Sequence[int]) -> None:
        """Of what stands behind the text keep these places, in this order."""
        known, held = len(self.tokens), len(self.tokens) + len(self._branches)
        for layer in self._cache.layers:
            for states in (layer.keys, layer.values):
                states[:, :, known : known + len(places)] = states[:, :, list(places)]
        if len(places) < held - known:
            self._cache.crop(known + len(places) - held)

    @torch.inference_mode()
    def _run(self, ids: Tensor, positions: Tensor | None, mask: Any, keep: int) -> Tensor:
        given = {
            "input_ids": ids,
            "position_ids": positions,
            "attention_mask": mask,
            **dict.fromkeys(CACHE_ARGUMENTS, self._cache),
            "use_cache": True,
            "logits_to_keep": keep,
        }
        out = self.model(**{name: value for name, value in given.items() if name in self._accepted})
        scores: Tensor = out.logits[0, -keep:].float()
        return scores


def goes_back(model: PreTrainedModel) -> bool:
    """Whether it gives the same after tokens that were taken back."""
    try:
        straight, astray = Reader(model), Reader(model)
        expected = _read(straight, [1, 2, 3])
        _read(astray, [1, 2, 4, 5])
        astray.keep(2)
        return _same(_read(astray, [3]), expected)
    except _FAILURES:
        return False


def masks_for_branches(model: PreTrainedModel) -> MaskBuilder | None:
    """With which it reads branches as it would read each of them alone; None if there are none."""
    config = model.config.get_text_config()
    for form in mask_forms(config):
        masks = MaskBuilder(config, form)
        if masks.takes(tuple(branch_masks(config, 0, 1, [[(0, 0)]]))) and _reads_branches(model, masks):
            return masks
    return None


def _reads_branches(model: PreTrainedModel, masks: MaskBuilder) -> bool:
    window = getattr(model.config.get_text_config(), "sliding_window", None) or 0
    text = [1 + at % 7 for at in range(window + 3 if window <= 64 else 3)]
    try:
        expected = _read(Reader(model), [*text, 4, 5, 6])
        reader = Reader(model, masks)
        _read(reader, text)
        reader.look([(3,), (4,)])
        reader.look([(4, 2), (3, 5), (4, 5)])
        in_branch = reader.look([(4, 2, 6), (4, 5, 6)])[1:]
        reader.go_on([*text, 4, 5])
        reader.keep(len(text) + 2)
        return _same(in_branch, expected) and _same(_read(reader, [6]), expected)
    except _FAILURES:
        return False


def _read(reader: Reader, tokens: Sequence[int]) -> Tensor:
    for token in tokens:
        scores = reader.read([token])
    return scores


def _same(a: Tensor, b: Tensor) -> bool:
    return bool((a - b).abs().max() <= _SAME * b.abs().max())
