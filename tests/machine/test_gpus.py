from types import SimpleNamespace

import pynvml
import pytest

from engine.machine import gpus
from engine.machine.facts import Gpu
from engine.machine.read import read_machine


def refuse(*_: object) -> None:
    raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """NVML with two cards that tell nothing but that they are there."""
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlShutdown", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetCount", lambda: 2)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByIndex", lambda index: index)
    for name in (
        "Name",
        "MemoryInfo",
        "UtilizationRates",
        "PowerUsage",
        "CudaComputeCapability",
        "Temperature",
    ):
        monkeypatch.setattr(pynvml, f"nvmlDeviceGet{name}", refuse)
    return monkeypatch


def test_no_driver_is_no_card(monkeypatch):
    monkeypatch.setattr(pynvml, "nvmlInit", refuse)
    assert gpus.read_gpus() == ()


def test_what_a_card_does_not_tell_stays_open(driver):
    assert gpus.read_gpus() == (Gpu(0), Gpu(1))


def test_a_card_that_cannot_be_opened(driver):
    driver.setattr(pynvml, "nvmlDeviceGetHandleByIndex", refuse)
    assert gpus.read_gpus() == (Gpu(0), Gpu(1))


def test_a_card_that_tells_all(driver):
    driver.setattr(pynvml, "nvmlDeviceGetCount", lambda: 1)
    driver.setattr(pynvml, "nvmlDeviceGetName", lambda _: b"Card")
    driver.setattr(pynvml, "nvmlDeviceGetMemoryInfo", lambda _: SimpleNamespace(total=9, free=7))
    driver.setattr(pynvml, "nvmlDeviceGetUtilizationRates", lambda _: SimpleNamespace(gpu=50))
    driver.setattr(pynvml, "nvmlDeviceGetPowerUsage", lambda _: 1500)
    driver.setattr(pynvml, "nvmlDeviceGetCudaComputeCapability", lambda _: (8, 6))
    driver.setattr(pynvml, "nvmlDeviceGetTemperature", lambda _, sensor: 60)
    assert gpus.read_gpus() == (Gpu(0, "Card", 9, 7, (8, 6), 60, 50, 1.5),)


@pytest.mark.parametrize(
    ("version", "drives"), [("2.13.0+cpu", False), ("2.13.0", True), ("2.13.0+cu130", True)]
)
def test_a_torch_for_the_cpu_drives_no_cards(monkeypatch, version, drives):
    monkeypatch.setattr(gpus.metadata, "version", lambda _: version)
    assert gpus.torch_drives_gpus() is drives


def test_this_machine_has_cores_and_memory():
    machine = read_machine()
    assert machine.cpu.physical_cores >= 1
    assert 0 < machine.available_bytes <= machine.memory_bytes
