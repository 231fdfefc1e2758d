import sys

import pytest

from engine.machine.facts import Gpu, Vendor
from engine.machine.measurement import Measurement
from engine.machine.measuring import measure
from engine.machine.visible import visible

THREE = tuple(Gpu(index, uid=f"GPU-{name}") for index, name in enumerate(("aa11", "bb22", "cc33")))


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ("0,1,2", ["aa11", "bb22", "cc33"]),
        ("2, 0", ["cc33", "aa11"]),
        ("GPU-bb", ["bb22"]),
        ("", []),
        ("-1", []),
        ("1,7,0", ["bb22"]),
    ],
)
def test_torch_numbers_what_it_sees(wanted, seen):
    gpus = visible(THREE, {"CUDA_VISIBLE_DEVICES": wanted})
    assert [gpu.uid for gpu in gpus] == [f"GPU-{name}" for name in seen]
    assert [gpu.index for gpu in gpus] == list(range(len(seen)))


def test_without_the_variable_nothing_is_hidden():
    assert visible(THREE, {"HIP_VISIBLE_DEVICES": "0"}) == THREE
    assert visible((), {"CUDA_VISIBLE_DEVICES": "0"}) == ()


@pytest.mark.parametrize(
    ("vendor", "variable"),
    [
        (Vendor.AMD, "HIP_VISIBLE_DEVICES"),
        (Vendor.AMD, "CUDA_VISIBLE_DEVICES"),
        (Vendor.INTEL, "ZE_AFFINITY_MASK"),
    ],
)
def test_each_vendor_has_its_variables(vendor, variable):
    two = (Gpu(0, "first", vendor=vendor), Gpu(1, "second", vendor=vendor))
    assert visible(two, {variable: "1"}) == (Gpu(0, "second", vendor=vendor),)


async def test_cards_are_measured_under_the_numbers_that_they_are_read_with():
    script = """import os
if os.environ.items() >= {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "ZE_ENABLE_PCI_ID_DEVICE_ORDER": "1"}.items():
    print('{"precision": "nf4", "rates": null}')"""
    found: list[Measurement] = []
    await measure("cuda:1", 1, ["nf4"], found.append, (sys.executable, "-c", script))
    assert [measurement.precision for measurement in found] == ["nf4"]
