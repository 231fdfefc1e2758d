"""What a model class says about low precision, remembered on the tensors: a layer alone knows nothing."""

import re

import torch
from torch import Tensor
from transformers import PreTrainedModel

_KEEPS_FLOAT32 = "_keeps_float32"  # on a skeleton's tensors: load dtypes under which they stay float32


def mark_float32(model: PreTrainedModel) -> None:
    """To be called on a skeleton, before anything asks about its tensors."""
    for dtype in (torch.float16, torch.bfloat16):
        # transformers matches its plan with `re.search`, "*" standing for anything
        patterns = [pattern.replace("*", ".*") for pattern in model._get_dtype_plan(dtype)]
        for name, slot in model.state_dict(keep_vars=True).items():
            if any(re.search(pattern, name) for pattern in patterns):
                setattr(slot, _KEEPS_FLOAT32, (*getattr(slot, _KEEPS_FLOAT32, ()), dtype))


def may_be_coarse(slot: Tensor) -> bool:
    """Whether a skeleton's tensor may be kept in low precision at all."""
    return slot.is_floating_point() and not hasattr(slot, _KEEPS_FLOAT32)


def load_dtype(slot: Tensor, tensor: Tensor, wanted: torch.dtype | None) -> torch.dtype:
    """What to load `tensor` as, into its `slot` of a skeleton, where weights are wanted in another dtype."""
    if wanted is None or not tensor.is_floating_point():
        return tensor.dtype
    return torch.float32 if wanted in getattr(slot, _KEEPS_FLOAT32, ()) else wanted
