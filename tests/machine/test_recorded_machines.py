import pytest

from engine.machine.facts import Vendor

from .recorded_machines import NAMES, recorded

GB = 1e9

# Device of torch, memory in GB, multiprocessors, and the memory's bytes/s, as the data sheets have them.
CARDS = {
    "nvidia-gtx-1060-6gb": ("cuda:0", 6.4, 10, 192e9),
    "nvidia-gtx-1650": ("cuda:0", 4.3, 14, 128e9),
    "nvidia-rtx-3060-12gb": ("cuda:0", 12.9, 28, 360e9),
    "nvidia-rtx-3070": ("cuda:0", 8.6, 46, 448e9),
    "nvidia-2x-rtx-3090": ("cuda:0", 25.8, 82, 936e9),
    "nvidia-rtx-4090": ("cuda:0", 25.8, 128, 1008e9),
    "nvidia-rtx-5090": ("cuda:0", 34.2, 170, 1792e9),
    "nvidia-rtx-pro-6000-blackwell": ("cuda:0", 102.6, 188, 1792e9),
    "nvidia-tesla-t4": ("cuda:0", 16.1, 40, 320e9),
    "nvidia-a100-80gb": ("cuda:0", 85.9, 108, 2039e9),
    "nvidia-h100-80gb": ("cuda:0", 85.5, 132, 3350e9),
    "amd-rx-6600": ("cuda:0", 8.6, 28, 224e9),
    "amd-rx-7900-xtx": ("cuda:0", 25.8, 96, 960e9),
    "amd-mi300x": ("cuda:0", 206.1, 304, 5300e9),
    "intel-arc-a770": ("xpu:0", 17.2, None, None),
    "apple-m2-16gb": ("mps", 11.5, 8, 100e9),
    "apple-m3-max-64gb": ("mps", 51.5, 30, 300e9),
    "cpu-8gb": None,
    "cpu-64gb": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_card_is_what_its_data_sheet_says(name):
    gpus, expected = recorded(name).gpus, CARDS[name]
    if expected is None:
        assert gpus == ()
        return
    device, gigabytes, multiprocessors, rate = expected
    assert (gpus[0].device, gpus[0].multiprocessors) == (device, multiprocessors)
    assert gpus[0].total_bytes == pytest.approx(gigabytes * GB, rel=0.01)
    assert 0 < gpus[0].free_bytes <= gpus[0].total_bytes
    assert gpus[0].memory_bytes_per_s == (rate and pytest.approx(rate, rel=0.01))


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_computer_is_told_apart_by_its_name(name):
    machine = recorded(name)
    vendors = {gpu.vendor for gpu in machine.gpus}
    assert vendors == ({Vendor(name.split("-")[0])} if machine.gpus else set())
    assert machine.cpu.name
    assert machine.cpu.vector_units & {"avx2", "asimd"}
    assert 0 < machine.available_bytes < machine.memory_bytes
    assert len({gpu.key for gpu in machine.gpus}) == len(machine.gpus)


def test_of_two_cards_one_drives_the_screen():
    first, second = recorded("nvidia-2x-rtx-3090").gpus
    assert (first.device, first.drives_display) == ("cuda:0", True)
    assert (second.device, second.drives_display) == ("cuda:1", False)
    assert [process.name for process in first.processes] == ["Xorg", "gnome-shell"]
