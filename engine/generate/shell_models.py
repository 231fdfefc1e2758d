"""The shells that this process has loaded: embeddings, head and tokenizer of the models it talks to."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.model.layout import lay_out
from engine.model.shell import cut_shell
from engine.weights.loading import build_skeleton, fill, load_tokenizer
from engine.weights.manifest import Manifest
from engine.weights.store import LayerStore


@dataclass(frozen=True)
class ShellModel:
    manifest: Manifest
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @property
    def stop_tokens(self) -> frozenset[int]:
        """Ids that end an answer."""
        own = self.model.generation_config.eos_token_id
        ids = own if isinstance(own, list) else [own]
        return frozenset(i for i in (*ids, self.tokenizer.eos_token_id) if i is not None)


def load_shell(manifest: Manifest, store: LayerStore) -> ShellModel:
    """Raises StoreError or BadModelFile with one sentence."""
    model = cut_shell(build_skeleton(manifest))
    fill(model, store.tensors(manifest.shell))
    _lay_out_head(model)
    return ShellModel(manifest, model, load_tokenizer(manifest, store))


def _lay_out_head(model: PreTrainedModel) -> None:
    """Where the head is the embeddings' matrix, both go on sharing it."""
    head, embeddings = model.get_output_embeddings(), model.get_input_embeddings()
    if not isinstance(head, nn.Linear):
        return
    tied = head.weight.data_ptr() == embeddings.weight.data_ptr()
    lay_out(head)
    if tied:
        embeddings.weight = head.weight


class ShellModels:
    """Loads shells when they are first asked for; keeps the latest `limit`."""

    def __init__(self, store: LayerStore, limit: int = 2) -> None:
        self._store = store
        self._limit = limit
        self._loaded: OrderedDict[str, asyncio.Future[ShellModel]] = OrderedDict()

    async def get(self, manifest: Manifest) -> ShellModel:
        digest = manifest.digest
        if digest not in self._loaded:
            self._loaded[digest] = asyncio.ensure_future(asyncio.to_thread(load_shell, manifest, self._store))
        self._loaded.move_to_end(digest)
        while len(self._loaded) > self._limit:
            self._loaded.popitem(last=False)
        try:
            return await asyncio.shield(self._loaded[digest])
        except Exception:
            self._loaded.pop(digest, None)
            raise
