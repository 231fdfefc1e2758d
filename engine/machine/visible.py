"""Which cards torch sees, and how it numbers them, by environment variables: pure.

Sources: "CUDA Environment Variables" in the CUDA C++ Programming Guide; "GPU isolation techniques" of ROCm;
"Environment Variables" of oneAPI Level Zero.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from engine.machine.facts import Gpu, Vendor

# For each process that computes: torch then numbers cards as they are read here.
IN_BUS_ORDER = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "ZE_ENABLE_PCI_ID_DEVICE_ORDER": "1"}

HIDING = {  # the first that is set counts
    Vendor.NVIDIA: ("CUDA_VISIBLE_DEVICES",),
    Vendor.AMD: ("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"),
    Vendor.INTEL: ("ZE_AFFINITY_MASK",),
    Vendor.APPLE: (),
}


def visible(gpus: Sequence[Gpu], environment: Mapping[str, str]) -> tuple[Gpu, ...]:
    """Of one vendor's cards in their order, those that torch sees, numbered as it does."""
    variables = HIDING[gpus[0].vendor] if gpus else ()
    wanted = next((environment[name] for name in variables if name in environment), None)
    return tuple(gpus) if wanted is None else _chosen(gpus, wanted.split(","))


def _chosen(gpus: Sequence[Gpu], names: Sequence[str]) -> tuple[Gpu, ...]:
    """In the order of their names; whatever follows an unknown one is hidden, too."""
    chosen: list[Gpu] = []
    for name in names:
        gpu = next((gpu for gpu in gpus if _is_called(gpu, name.strip())), None)
        if gpu is None:
            break
        chosen.append(dataclasses.replace(gpu, index=len(chosen)))
    return tuple(chosen)


def _is_called(gpu: Gpu, name: str) -> bool:
    """By its number, or the start of its UUID."""
    return name == str(gpu.index) or (name.startswith("GPU-") and (gpu.uid or "").startswith(name))
