"""Find the layer stack of any Hugging Face model by structure alone."""

import inspect
from dataclasses import dataclass

from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from engine.errors import UnsupportedModel


@dataclass(frozen=True)
class LayerStack:
    """The ModuleList that holds the decoder layers, and where it hangs in the model."""

    path: str  # dotted, from the model's root, e.g. "model.layers"
    owner: nn.Module  # the module whose attribute the list is
    attribute: str
    layers: nn.ModuleList

    @property
    def prefix(self) -> str:
        """Prefix of the layers' names in the model's state dict, e.g. "model.layers."."""
        return self.path + "."

    def decoder_of(self, model: nn.Module) -> tuple[nn.Module, str]:
        """The innermost module around the stack that takes token ids, and the stack's path inside it."""
        names = self.path.split(".")
        for depth in range(len(names) - 1, -1, -1):
            module = model.get_submodule(".".join(names[:depth]))
            if "input_ids" in inspect.signature(module.forward).parameters:
                return module, ".".join(names[depth:])
        raise UnsupportedModel(f"{type(model).__name__} takes no token ids: Potluck cannot cut it.")


def text_config(config: PretrainedConfig) -> PretrainedConfig:
    """The config that describes the language layers; for a text-only model the config itself."""
    return config.get_text_config(decoder=True)


def find_stack(model: PreTrainedModel) -> LayerStack:
    """The one ModuleList whose length is the text config's `num_hidden_layers`.

    Raises UnsupportedModel if there is none, or several.
    """
    count = text_config(model.config).num_hidden_layers
    found = [
        (path, module)
        for path, module in model.named_modules()
        if isinstance(module, nn.ModuleList) and len(module) == count
    ]
    # A list inside another list's element (experts, say) is never the stack.
    outer = [
        (path, module)
        for path, module in found
        if not any(path != other and path.startswith(other + ".") for other, _ in found)
    ]
    if len(outer) != 1:
        raise UnsupportedModel(
            f"{type(model).__name__} cannot be cut into layers: "
            f"{len(outer)} lists of {count} layers were found in it, and one is needed."
        )
    path, layers = outer[0]
    parent, _, attribute = path.rpartition(".")
    return LayerStack(path, model.get_submodule(parent), attribute, layers)
