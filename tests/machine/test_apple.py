import pytest

from engine.machine.apple import GIB, MIB, read_apple

from .recorded_machines import answers

M2 = answers("apple-m2-16gb")["sysctl"]


def test_the_chips_graphics_shares_main_memory():
    (gpu,) = read_apple(M2.get, 6 * GIB)
    assert (gpu.device, gpu.name, gpu.key) == ("mps", "Apple M2", "apple-0")
    assert (gpu.shares_memory, gpu.free_bytes) == (True, 6 * GIB)


@pytest.mark.parametrize(
    ("memory", "limit", "most"),
    [(16 * GIB, "0", 16 * GIB * 2 // 3), (64 * GIB, "0", 48 * GIB), (64 * GIB, "57344", 57344 * MIB)],
)
def test_metal_leaves_a_part_to_the_system_unless_the_owner_says_else(memory, limit, most):
    told = {**M2, "hw.memsize": str(memory), "iogpu.wired_limit_mb": limit}
    (gpu,) = read_apple(told.get, memory)
    assert gpu.total_bytes == gpu.free_bytes == most


def test_a_chip_that_nobody_knows_yet():
    (gpu,) = read_apple({**M2, "machdep.cpu.brand_string": "Apple M99"}.get, GIB)
    assert (gpu.name, gpu.multiprocessors, gpu.memory_bytes_per_s) == ("Apple M99", None, None)


@pytest.mark.parametrize("garbage", [None, "", "-5", "much"])
def test_what_macos_does_not_tell_stays_open(garbage):
    (gpu,) = read_apple({**M2, "hw.memsize": garbage}.get, GIB)
    assert (gpu.total_bytes, gpu.free_bytes) == (None, None)


def test_other_computers_have_none():
    assert read_apple({"machdep.cpu.brand_string": "Intel(R) Core(TM) i7"}.get, GIB) == ()
