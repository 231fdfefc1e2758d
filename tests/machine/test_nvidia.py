from copy import deepcopy

import pynvml
import pytest

from engine.machine.facts import Gpu, GpuProcess
from engine.machine.nvidia import read_nvidia

from .recorded_machines import RecordedNvml, answers

TWO_CARDS = answers("nvidia-2x-rtx-3090")["nvml"]
QUESTIONS = sorted(TWO_CARDS["devices"][0])


@pytest.fixture
def recording():
    return deepcopy(TWO_CARDS)


def test_no_driver_is_no_card():
    assert read_nvidia(RecordedNvml(None)) == ()


def test_a_card_that_tells_all(recording):
    gpu, _ = read_nvidia(RecordedNvml(recording))
    assert (gpu.name, gpu.uid) == ("NVIDIA GeForce RTX 3090", recording["devices"][0]["nvmlDeviceGetUUID"])
    assert (gpu.capability, gpu.temperature, gpu.utilisation, gpu.power_watts) == ((8, 6), 45, 3, 28.7)
    assert (gpu.driver, gpu.cuda, gpu.clock_hz) == ("580.95.05", (13, 0), 2.1e9)
    assert gpu.processes[0] == GpuProcess(1310, "Xorg", 180 << 20)


def test_what_a_card_does_not_tell_stays_open(recording):
    recording["devices"] = [{}, {}]
    assert read_nvidia(RecordedNvml(recording)) == tuple(
        Gpu(index, driver="580.95.05", cuda=(13, 0)) for index in range(2)
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_may_be_refused(recording, question):
    for error in (pynvml.NVML_ERROR_NO_PERMISSION, pynvml.NVML_ERROR_UNKNOWN):
        recording["devices"][0][question] = {"error": error}
        first, second = read_nvidia(RecordedNvml(recording))
        assert first != second
        assert second.name == "NVIDIA GeForce RTX 3090"


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_card_lost_between_two_questions_is_left_out(recording, question):
    recording["devices"][0][question] = {"error": pynvml.NVML_ERROR_GPU_IS_LOST}
    (left,) = read_nvidia(RecordedNvml(recording))
    assert left.index == 1


def test_a_card_that_cannot_be_opened(recording, monkeypatch):
    def refuse(index: int) -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NO_PERMISSION)

    nvml = RecordedNvml(recording)
    monkeypatch.setattr(nvml, "nvmlDeviceGetHandleByIndex", refuse, raising=False)
    assert read_nvidia(nvml) == (Gpu(0), Gpu(1))


def test_cards_lost_while_they_are_counted(recording, monkeypatch):
    def lost() -> int:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)

    nvml = RecordedNvml(recording)
    monkeypatch.setattr(nvml, "nvmlDeviceGetCount", lost)
    assert read_nvidia(nvml) == ()


def test_a_driver_that_appears_later(recording):
    nvml = RecordedNvml(None)
    assert read_nvidia(nvml) == ()
    nvml.recording = recording
    assert len(read_nvidia(nvml)) == 2


def test_the_driver_is_let_go_after_each_reading(recording, monkeypatch):
    nvml, let_go = RecordedNvml(recording), []
    monkeypatch.setattr(nvml, "nvmlShutdown", lambda: let_go.append(True))
    read_nvidia(nvml)
    assert let_go == [True]


def test_a_program_that_draws_and_computes_is_listed_once(recording):
    device = recording["devices"][1]
    device["nvmlDeviceGetGraphicsRunningProcesses"] = [{"pid": 7, "usedGpuMemory": None}]
    device["nvmlDeviceGetComputeRunningProcesses"] = [{"pid": 7, "usedGpuMemory": 5}]
    _, gpu = read_nvidia(RecordedNvml(recording))
    assert gpu.processes == (GpuProcess(7, None, 5),)


def test_the_real_library_answers_or_says_that_there_is_no_card():
    for gpu in read_nvidia(pynvml):
        assert gpu.key
        assert gpu.total_bytes is None or 0 < gpu.free_bytes <= gpu.total_bytes
        assert gpu.capability is None or gpu.capability >= (3, 0)
        assert gpu.memory_bytes_per_s is None or 1e10 < gpu.memory_bytes_per_s < 1e14
        assert gpu.multiprocessors is None or 0 < gpu.multiprocessors < 1000
