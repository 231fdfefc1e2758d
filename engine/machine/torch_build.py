"""Which cards the installed torch was built for. Its files are read; it is not imported."""

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from engine.machine.facts import Gpu, Vendor
from engine.machine.files import text

_ASSIGNED = re.compile(r"^(\w+)(?::[^=]+)? = '([^']+)'$", re.MULTILINE)

# Compute capabilities that PyTorch's packages hold code for, from the least to below the most, by the CUDA
# that they were built with. Source: "PyTorch CUDA Support Matrix" in its RELEASE.md.
_CUDA_12_8 = (12, 8)
_CAPABILITIES_BEFORE = ((5, 0), (10, 0))
_CAPABILITIES_SINCE = ((7, 5), (13, 0))


@dataclass(frozen=True)
class TorchBuild:
    cuda: tuple[int, int] | None = None
    rocm: bool = False
    xpu: bool = False
    mps: bool = False


def installed_torch() -> TorchBuild:
    """For no card at all if there is no torch."""
    try:
        where = metadata.distribution("torch").locate_file("torch/version.py")
    except metadata.PackageNotFoundError:
        return TorchBuild()
    versions = dict(_ASSIGNED.findall(text(Path(str(where))) or ""))
    return build_of(versions, mps=sys.platform == "darwin" and platform.machine() == "arm64")


def build_of(versions: Mapping[str, str], mps: bool = False) -> TorchBuild:
    """From the names that torch/version.py gives: cuda, hip, xpu."""
    cuda = re.match(r"(\d+)\.(\d+)", versions.get("cuda", ""))
    return TorchBuild(
        cuda=(int(cuda[1]), int(cuda[2])) if cuda else None,
        rocm="hip" in versions,
        xpu="xpu" in versions,
        mps=mps,
    )


def drives(build: TorchBuild, gpu: Gpu) -> bool:
    if gpu.vendor is Vendor.NVIDIA:
        return build.cuda is not None and _runs(build.cuda, gpu)
    if gpu.vendor is Vendor.AMD:
        return build.rocm and gpu.architecture is not None  # else the compute driver does not know it
    return build.mps if gpu.vendor is Vendor.APPLE else build.xpu and _is_arc(gpu)


def _is_arc(gpu: Gpu) -> bool:
    """Of the graphics within processors, PyTorch supports those that Intel calls Arc."""
    return not gpu.shares_memory or "Arc" in (gpu.name or "")


def _runs(cuda: tuple[int, int], gpu: Gpu) -> bool:
    """A driver runs every CUDA of its own major version and of those before."""
    least, beyond = _CAPABILITIES_SINCE if cuda >= _CUDA_12_8 else _CAPABILITIES_BEFORE
    has_code = gpu.capability is None or least <= gpu.capability < beyond
    return has_code and (gpu.cuda is None or gpu.cuda[0] >= cuda[0])
