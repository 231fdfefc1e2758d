"""The shell of a model that writes, as this computer has it: embeddings, head, tokenizer, eyes if it sees."""

from dataclasses import dataclass, replace
from functools import cached_property

from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, ProcessorMixin

from engine.errors import PotluckError, UnsupportedModel
from engine.generate.processors import load_processor
from engine.generate.shared_head import share_head
from engine.model.capture import watch
from engine.model.kept import Kept
from engine.model.layout import laid_out, laid_out_for_look_ups
from engine.model.shell import cut_shell
from engine.model.span import replaced
from engine.model.stack import find_stack
from engine.model.token_states import TokenStates
from engine.weights.loading import build_skeleton, fill, load_tokenizer
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore


@dataclass(frozen=True)
class ShellModel:
    manifest: Manifest
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    processor: ProcessorMixin | None = None  # reads pictures
    blind: PotluckError | None = None  # why a model that could see has no processor

    @property
    def sees(self) -> bool:
        """Whether it was made to see pictures."""
        return self.manifest.kind == "image_text"

    @cached_property
    def token_states(self) -> TokenStates | None:
        """For tokens that are drafted; None where servers cannot forget those that were not chosen."""
        states = TokenStates(self.model)
        return states if states.can_be_drafted else None

    def for_one_answer(self) -> PreTrainedModel:
        """The model; one that sees notes things of a picture on itself, so each answer gets a twin of it."""
        if not self.sees:
            return self.model
        path = self.manifest.stack_path
        return replaced(self.model, path.split("."), self.model.get_submodule(path))

    @property
    def stop_tokens(self) -> frozenset[int]:
        """Ids that end an answer."""
        own = self.model.generation_config.eos_token_id
        ids = own if isinstance(own, list) else [own]
        return frozenset(i for i in (*ids, self.tokenizer.eos_token_id) if i is not None)


def load_shell(manifest: Manifest, store: LayerStore) -> ShellModel:
    """Raises StoreError or BadModelFile with one sentence. A model that cannot see here can still chat."""
    model = cut_shell(build_skeleton(manifest))
    fill(model, store.tensors(manifest.shell))
    lay_out_head(model)
    share_head(model)
    shell = ShellModel(manifest, model, load_tokenizer(manifest, store))
    if not shell.sees:
        return shell
    watch(find_stack(model).decoder_of(model)[0])
    try:
        return replace(shell, processor=load_processor(manifest, store))
    except UnsupportedModel as error:
        return replace(shell, blind=error)


def lay_out_head(model: PreTrainedModel) -> None:
    """Where the head is the embeddings' matrix, both go on sharing it."""
    head, embeddings = model.get_output_embeddings(), model.get_input_embeddings()
    if not isinstance(head, nn.Linear) or isinstance(head.weight, Kept):
        return
    if head.weight.data_ptr() == embeddings.weight.data_ptr():
        head.weight = nn.Parameter(laid_out_for_look_ups(head.weight.data), requires_grad=False)
        embeddings.weight = head.weight
    else:
        head.weight = nn.Parameter(laid_out(head.weight.data), requires_grad=False)
    if head.bias is not None:
        head.bias.data = head.bias.data.clone()
