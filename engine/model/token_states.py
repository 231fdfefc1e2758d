"""What a shell's layers would be given for tokens that have not been chosen yet."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from engine.errors import PotluckError
from engine.model.extras import StepExtras
from engine.model.span import CACHE_ARGUMENTS, accepted_by, next_positions
from engine.model.stack import find_stack, text_config
from engine.model.swarm_cache import SwarmCache

# A model that cannot be run on plain tokens alone fails in a way of its own.
_FAILURES = (TypeError, ValueError, RuntimeError, KeyError, AttributeError, IndexError, PotluckError)


class TokenStates:
    """Tokens of plain text in, what the model's own code makes of them before its layers out."""

    def __init__(self, shell: PreTrainedModel) -> None:
        self._decoder, _ = find_stack(shell).decoder_of(shell)
        self._accepted = accepted_by(self._decoder)

    def __call__(self, tokens: Sequence[int], position: int) -> Tensor:
        """`[1, tokens, values]`, the first of them at `position`."""
        return self._run(tokens, position)[0]

    def at(self, tokens: Sequence[int], positions: Sequence[int]) -> Tensor:
        """`[1, tokens, values]`, each of them at a position of its own."""
        return self._run(tokens, min(positions), torch.tensor([list(positions)]))[0]

    @property
    def config(self) -> Any:
        """Of the text layers."""
        return text_config(self._decoder.config)

    @property
    def can_be_drafted(self) -> bool:
        """Whether the model's own code takes plain tokens, and its layers remember only keys and values: they
        can forget a token then.
        """
        try:
            return self._run([0], 0)[1].goes_back
        except _FAILURES:
            return False

    @torch.inference_mode()
    def _run(
        self, tokens: Sequence[int], position: int, positions: Tensor | None = None
    ) -> tuple[Tensor, SwarmCache]:
        seen: list[Tensor] = []

        def note(hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
            seen.append(hidden)
            return hidden

        cache = SwarmCache(note, position)
        ids = torch.tensor([list(tokens)])
        given = {
            "input_ids": ids,
            "position_ids": next_positions(cache, ids) if positions is None else positions,
            **dict.fromkeys(CACHE_ARGUMENTS, cache),
            "use_cache": True,
        }
        self._decoder(**{name: value for name, value in given.items() if name in self._accepted})
        return seen[0], cache
