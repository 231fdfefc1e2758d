import re

import pytest

from engine.machine import torch_build
from engine.machine.facts import Gpu, Vendor
from engine.machine.torch_build import TorchBuild, build_of, drives, installed_torch

CUDA_13, CUDA_12_6 = TorchBuild(cuda=(13, 0)), TorchBuild(cuda=(12, 6))
ROCM, XPU, MPS, CPU = TorchBuild(rocm=True), TorchBuild(xpu=True), TorchBuild(mps=True), TorchBuild()

NVIDIA = Gpu(0, capability=(8, 6), cuda=(13, 0))
AMD = Gpu(0, vendor=Vendor.AMD, architecture="gfx1100")
APPLE, INTEL = Gpu(0, vendor=Vendor.APPLE), Gpu(0, vendor=Vendor.INTEL)


@pytest.mark.parametrize("build", [CUDA_13, ROCM, XPU, MPS, CPU])
def test_each_build_drives_its_own_vendor(build):
    driven = [gpu.vendor for gpu in (NVIDIA, AMD, APPLE, INTEL) if drives(build, gpu, {})]
    assert (
        driven
        == {
            CUDA_13: [Vendor.NVIDIA],
            ROCM: [Vendor.AMD],
            XPU: [Vendor.INTEL],
            MPS: [Vendor.APPLE],
            CPU: [],
        }[build]
    )


@pytest.mark.parametrize(
    ("build", "capability", "cuda", "driven"),
    [
        (CUDA_13, (7, 5), (13, 0), True),
        (CUDA_13, (6, 1), (13, 0), False),  # CUDA 13 has no code for it
        (CUDA_12_6, (6, 1), (13, 0), True),
        (CUDA_12_6, (12, 0), (13, 0), False),  # younger than CUDA 12.6
        (CUDA_13, (12, 0), (13, 1), True),
        (CUDA_13, (8, 6), (12, 4), False),  # the driver is too old
        (CUDA_12_6, (8, 6), (12, 2), True),  # within a major version, older drivers do
        (CUDA_13, None, None, True),  # nothing speaks against it
    ],
)
def test_a_build_has_code_for_some_generations_and_needs_a_driver(build, capability, cuda, driven):
    assert drives(build, Gpu(0, capability=capability, cuda=cuda), {}) is driven


@pytest.mark.parametrize(
    ("architecture", "environment", "driven"),
    [
        ("gfx1030", {}, True),
        ("gfx1032", {}, False),
        ("gfx1032", {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}, True),
        (None, {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}, False),  # the compute driver does not know it
    ],
)
def test_rocm_has_code_for_some_architectures_and_the_owner_may_say_more(architecture, environment, driven):
    gpu = Gpu(0, vendor=Vendor.AMD, architecture=architecture)
    assert drives(ROCM, gpu, environment) is driven


@pytest.mark.parametrize(
    ("index", "name", "driven"),
    [
        (0, "Intel Arc Graphics", True),
        (0, "Intel UHD Graphics 770", False),
        (0, None, False),
        (1, "Intel Arc Graphics", False),  # beside a card, torch hides it
    ],
)
def test_the_processors_own_graphics(index, name, driven):
    assert drives(XPU, Gpu(index, name, vendor=Vendor.INTEL, shares_memory=True), {}) is driven


def test_the_installed_torch_is_known_without_importing_it():
    import torch

    build = installed_torch()
    assert build.cuda == (
        torch.version.cuda and tuple(int(n) for n in re.findall(r"\d+", torch.version.cuda)[:2])
    )
    assert (build.rocm, build.xpu) == (torch.version.hip is not None, torch.version.xpu is not None)


@pytest.mark.parametrize(
    ("lines", "build"),
    [
        ("cuda: Optional[str] = '13.0'\nhip: Optional[str] = None", CUDA_13),
        ("cuda = '12.6'", CUDA_12_6),
        ("cuda: Optional[str] = None\nhip: Optional[str] = '7.1.25424'", ROCM),
        ("xpu: Optional[str] = '20250302'", XPU),
        ("cuda: Optional[str] = None", CPU),
        ("cuda = 'new'", CPU),
    ],
)
def test_the_build_stands_in_torchs_own_file(lines, build):
    assert build_of(dict(torch_build._ASSIGNED.findall(lines))) == build


def test_without_torch_no_card_is_driven(monkeypatch):
    def missing(name: str) -> None:
        raise torch_build.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(torch_build.metadata, "distribution", missing)
    assert installed_torch() == CPU
