import psutil
import pynvml

from engine.machine.changes import changes
from engine.machine.read import read_machine
from engine.machine.sources import this_computer

from .recorded_machines import answers, sources


def test_this_computer_has_cores_and_memory():
    machine = read_machine()
    assert 1 <= machine.cpu.physical_cores <= machine.cpu.logical_cores <= psutil.cpu_count()
    assert 0 < machine.available_bytes <= machine.memory_bytes
    assert machine.cpu.vector_units


def test_the_cards_of_this_computer_are_as_its_own_torch_counts_them():
    import torch

    gpus = read_machine().gpus
    counted = {"cuda": torch.cuda.device_count(), "xpu": torch.xpu.device_count(), "mps": 1}
    for gpu in gpus:
        assert gpu.index < counted[gpu.device.split(":")[0]]
        assert gpu.total_bytes is None or gpu.total_bytes > 1 << 20
    if not torch.accelerator.is_available():
        assert gpus == ()


def test_a_card_that_torch_cannot_drive_is_named_apart(tmp_path):
    told = {**answers("nvidia-rtx-4090"), "torch": {}}
    machine = read_machine(sources(told, tmp_path))
    assert machine.gpus == ()
    assert [gpu.name for gpu in machine.beyond_torch] == ["NVIDIA GeForce RTX 4090"]


def test_hidden_cards_are_not_there(tmp_path):
    told = {**answers("nvidia-2x-rtx-3090"), "environment": {"CUDA_VISIBLE_DEVICES": "1"}}
    (gpu,) = read_machine(sources(told, tmp_path)).gpus
    assert (gpu.device, gpu.drives_display) == ("cuda:0", False)


def test_reading_again_gives_the_new_truth(tmp_path):
    asked = sources(answers("nvidia-2x-rtx-3090"), tmp_path)
    before = read_machine(asked)
    asked.nvml.recording["devices"][1] = {"nvmlDeviceGetName": {"error": pynvml.NVML_ERROR_GPU_IS_LOST}}
    without = read_machine(asked)
    assert [gpu.device for gpu in changes(before, without).lost] == ["cuda:1"]
    asked.nvml.recording["devices"] = answers("nvidia-2x-rtx-3090")["nvml"]["devices"]
    assert changes(without, read_machine(asked)).appeared == before.gpus[1:]


def test_this_computers_own_answers_are_asked_by_default():
    asked = this_computer()
    assert asked.nvml is pynvml
    assert (asked.root / "proc").exists() or asked.sysctl("hw.memsize")
