"""Find the layer stack of any Hugging Face model by structure alone."""

import inspect
from dataclasses import dataclass
from typing import Any

from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from engine.api.sentences import said
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
        raise UnsupportedModel(
            said("{name} takes no token ids: Potluck cannot cut it.", name=type(model).__name__)
        )


def text_config(config: PretrainedConfig) -> PretrainedConfig:
    """The config that describes the language layers; for a text-only model the config itself."""
    return config.get_text_config(decoder=True)


def find_stack(model: PreTrainedModel) -> LayerStack:
    """The one ModuleList in the language model whose length is the text config's `num_hidden_layers`.

    Without one of that length, the one by whose length that number can be divided: layers that count as
    several. Raises UnsupportedModel if there is none, or several.
    """
    count = getattr(text_config(model.config), "num_hidden_layers", None)
    if not isinstance(count, int):
        raise UnsupportedModel(
            said(
                "{name} does not say how many layers it has: {cannot}",
                name=type(model).__name__,
                cannot=_CANNOT,
            )
        )
    lists = _outer_lists(model)
    found = {path: layers for path, layers in lists.items() if len(layers) == count} or {
        path: layers for path, layers in lists.items() if len(layers) > 1 and count % len(layers) == 0
    }
    if len(found) != 1:
        raise UnsupportedModel(
            said(
                "{name} has {found} lists of {count} layers where one is needed: {cannot}",
                name=type(model).__name__,
                found=len(found),
                count=count,
                cannot=_CANNOT,
            )
        )
    ((path, layers),) = found.items()
    parent, _, attribute = path.rpartition(".")
    return LayerStack(path, model.get_submodule(parent), attribute, layers)


_CANNOT = said("Potluck cannot cut it.")


def _outer_lists(model: PreTrainedModel) -> dict[str, nn.ModuleList]:
    """Lists of modules that belong to the language model, by path; none that lies inside another one."""
    kind = type(text_config(model.config))
    lists: dict[str, nn.ModuleList] = {}
    owners: dict[str, Any] = {}
    for path, module in model.named_modules():
        owners[path] = _config_of(module) or owners.get(path.rpartition(".")[0])
        inside = any(path.startswith(other + ".") for other in lists)
        if isinstance(module, nn.ModuleList) and not inside and isinstance(owners[path], kind):
            lists[path] = module
    return lists


def _config_of(module: nn.Module) -> PretrainedConfig | None:
    """A part of a composite model has its own config; a part inside of it that has none belongs to it."""
    config = getattr(module, "config", None)
    return config if isinstance(config, PretrainedConfig) else None
