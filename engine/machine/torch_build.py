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

# Architectures that its packages for ROCm hold code for. Source: PYTORCH_ROCM_ARCH in its build scripts.
_ARCHITECTURES = (
    *("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx950"),
    *("gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1150", "gfx1151", "gfx1200", "gfx1201"),
)
OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"  # by which owners have a card run the code of its next of kin


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


def drives(build: TorchBuild, gpu: Gpu, environment: Mapping[str, str]) -> bool:
    if gpu.vendor is Vendor.NVIDIA:
        return build.cuda is not None and _runs_on_cuda(build.cuda, gpu)
    if gpu.vendor is Vendor.AMD:
        return build.rocm and _runs_on_rocm(gpu, environment)
    return build.mps if gpu.vendor is Vendor.APPLE else build.xpu and _runs_on_xpu(gpu)


def _runs_on_rocm(gpu: Gpu, environment: Mapping[str, str]) -> bool:
    """Not without an architecture: the compute driver does not know such a card."""
    return gpu.architecture in _ARCHITECTURES or (gpu.architecture is not None and OVERRIDE in environment)


def _runs_on_xpu(gpu: Gpu) -> bool:
    """Of graphics within the processor, those called Arc; beside a card, torch hides them."""
    return not gpu.shares_memory or (gpu.index == 0 and "Arc" in (gpu.name or ""))


def _runs_on_cuda(cuda: tuple[int, int], gpu: Gpu) -> bool:
    """A driver runs every CUDA of its own major version and of those before."""
    least, beyond = _CAPABILITIES_SINCE if cuda >= _CUDA_12_8 else _CAPABILITIES_BEFORE
    has_code = gpu.capability is None or least <= gpu.capability < beyond
    return has_code and (gpu.cuda is None or gpu.cuda[0] >= cuda[0])
