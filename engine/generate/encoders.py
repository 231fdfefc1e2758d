"""One encoder as this computer has it: tokenizer, shell, and the rules that make a vector of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from engine.api.sentences import said
from engine.errors import BadRequest
from engine.generate.pooling import pooled
from engine.generate.sentence_files import SENTENCE_FILES, SentenceRules, sentence_rules
from engine.generate.session_walk import SessionWalk
from engine.model.encoder_shell import EncoderShell
from engine.weights.loading import build_skeleton, fill, load_tokenizer
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from engine.wire.messages import text_limit


@dataclass(frozen=True)
class Encoder:
    manifest: Manifest
    shell: EncoderShell
    tokenizer: PreTrainedTokenizerBase
    rules: SentenceRules

    def read(self, text: str) -> Mapping[str, Tensor]:
        """What the model takes for `text`. Raises BadRequest if it is too long."""
        text = self.rules.prompt + text
        text = text.lower() if self.rules.lower_case else text
        inputs = self.tokenizer(text, return_tensors="pt", verbose=False)
        tokens = inputs["input_ids"].shape[1]
        if tokens > self.limit:
            name = self.manifest.name
            raise BadRequest(
                said(
                    "A text is {tokens} tokens long, but {name} reads at most {limit}: shorten it.",
                    tokens=tokens,
                    name=name,
                    limit=self.limit,
                )
            )
        return inputs

    @cached_property
    def limit(self) -> int:
        """Tokens that a text may have, special ones included."""
        model = self.shell.model
        hidden = model.get_input_embeddings().embedding_dim
        stated = (self.rules.max_tokens or self.manifest.context, self.tokenizer.model_max_length)
        return min(*stated, self.manifest.context - _first_position(model), text_limit(hidden))

    def vector(self, inputs: Mapping[str, Tensor], walk: SessionWalk) -> list[float]:
        """The text's vector, its layers reached through `walk`. Takes as long as the swarm."""
        states = self.shell.encode(inputs, lambda hidden: walk(hidden, 0))
        return pooled(states[0], self.rules).tolist()


def load_encoder(manifest: Manifest, store: LayerStore) -> Encoder:
    """Raises StoreError, BadModelFile or UnsupportedModel with one sentence."""
    files = {name: store.read(manifest.files[name]) for name in SENTENCE_FILES if name in manifest.files}
    rules = sentence_rules(files, manifest.name)
    shell = EncoderShell(build_skeleton(manifest, torch.float32))
    fill(shell.model, store.tensors(manifest.shell), torch.float32)
    return Encoder(manifest, shell, load_tokenizer(manifest, store), rules)


def _first_position(model: nn.Module) -> int:
    """Where the first token stands: some families count from behind the number that marks padding."""
    tables = [
        module
        for name, module in model.named_modules()
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding)
    ]
    return max((table.padding_idx + 1 for table in tables if table.padding_idx is not None), default=0)
