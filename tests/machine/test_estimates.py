"""What a computer should be able to do, by what it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.machine.estimates import estimated, threads_of_chats
from engine.machine.facts import Cpu, Gpu, Machine, Vendor
from engine.machine.speeds import CPU, Speed, step_seconds
from engine.precision import PRECISIONS, Precision

CAPABILITIES = st.tuples(st.integers(3, 14), st.integers(0, 9))
ARCHITECTURES = st.sampled_from(["gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1201"])
CARDS = st.builds(
    Gpu,
    index=st.just(0),
    vendor=st.sampled_from(Vendor),
    capability=st.none() | CAPABILITIES,
    architecture=st.none() | ARCHITECTURES,
    multiprocessors=st.none() | st.integers(1, 300),
    clock_hz=st.none() | st.floats(1e8, 4e9),
    memory_bytes_per_s=st.none() | st.floats(1e9, 1e13),
    shares_memory=st.booleans(),
)
UNITS = st.frozensets(
    st.sampled_from(["avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "sse4_2"])
)
CPUS = st.builds(Cpu, physical_cores=st.integers(1, 256), vector_units=UNITS)


def machine(cpu: Cpu | None = None, *gpus: Gpu) -> Machine:
    return Machine(cpu or Cpu(), memory_bytes=8 << 30, available_bytes=4 << 30, gpus=gpus)


def card(gpu: Gpu) -> dict[Precision, Speed]:
    return dict(estimated(machine(None, gpu)).of[gpu.key])


def of_cpu(cpu: Cpu) -> dict[Precision, Speed]:
    return dict(estimated(machine(cpu)).of[CPU])


@given(CARDS, CPUS)
def test_every_device_has_positive_speeds_and_says_that_they_are_estimates(gpu: Gpu, cpu: Cpu) -> None:
    speeds = estimated(machine(cpu, gpu))
    assert speeds.of.keys() == {CPU, gpu.key}
    for device in speeds.of.values():
        assert {"float32"} <= device.keys() <= set(PRECISIONS)
        assert all(speed.flops_per_s > 0 and speed.bytes_per_s > 0 for speed in device.values())
        assert not any(speed.measured for speed in device.values())


@given(CARDS, st.integers(1, 300), st.integers(0, 100))
def test_more_multiprocessors_are_never_slower(gpu: Gpu, fewer: int, more: int) -> None:
    small = card(replace(gpu, multiprocessors=fewer))
    large = card(replace(gpu, multiprocessors=fewer + more))
    assert all(large[precision].flops_per_s >= small[precision].flops_per_s for precision in small)


@given(CPUS, st.integers(0, 100))
def test_more_cores_are_never_slower(cpu: Cpu, more: int) -> None:
    small, large = of_cpu(cpu), of_cpu(replace(cpu, physical_cores=cpu.physical_cores + more))
    for precision, speed in small.items():
        assert large[precision].flops_per_s >= speed.flops_per_s
        assert large[precision].bytes_per_s >= speed.bytes_per_s


@given(CARDS, st.integers(1, 10**10), st.integers(1, 4096), st.integers(0, 4096))
def test_more_rows_take_neither_less_time_nor_more_for_each(
    gpu: Gpu, values: int, rows: int, more: int
) -> None:
    for speed in card(gpu).values():
        few, many = (step_seconds(speed, 2 * values, values, n) for n in (rows, rows + more))
        assert few <= many <= few * (rows + more) / rows * (1 + 1e-9)


@pytest.mark.parametrize(
    ("capability", "absent"),
    [
        ((5, 2), {"bfloat16", "int8", "nf4"}),
        ((6, 1), {"bfloat16", "int8"}),
        ((7, 0), {"bfloat16", "int8"}),
        ((7, 5), {"bfloat16"}),
        ((8, 0), set()),
        ((8, 9), set()),
        ((9, 0), set()),
        ((12, 0), set()),
        (None, {"bfloat16", "int8", "nf4"}),
    ],
)
def test_a_card_of_nvidia_offers_what_its_generation_can_do(
    capability: tuple[int, int] | None, absent: set[Precision]
) -> None:
    assert set(PRECISIONS) - card(Gpu(0, capability=capability)).keys() == absent


def test_a_turing_card_without_tensor_cores_does_no_int8() -> None:
    with_them, without = (
        Gpu(0, name, capability=(7, 5)) for name in ("GeForce RTX 2060", "GeForce GTX 1660")
    )
    assert "int8" in card(with_them)
    assert "int8" not in card(without)
    assert card(without)["float16"].flops_per_s < card(with_them)["float16"].flops_per_s


@pytest.mark.parametrize(
    ("architecture", "absent"),
    [
        ("gfx906", {"bfloat16", "int8", "nf4"}),
        ("gfx1030", {"bfloat16"}),
        ("gfx90a", set()),
        ("gfx1100", set()),
        (None, {"bfloat16", "int8", "nf4"}),
    ],
)
def test_a_card_of_amd_offers_what_its_architecture_can_do(
    architecture: str | None, absent: set[Precision]
) -> None:
    found = card(Gpu(0, vendor=Vendor.AMD, architecture=architecture))
    assert set(PRECISIONS) - found.keys() == absent


def test_a_known_card_is_estimated_below_what_its_maker_says_and_above_a_tenth_of_that() -> None:
    """A GeForce RTX 3090: 71 TFLOP/s in float16 with float32 sums, 936 GB/s."""
    gpu = Gpu(0, capability=(8, 6), multiprocessors=82, clock_hz=1.695e9, memory_bytes_per_s=936e9)
    speed = card(gpu)["float16"]
    assert 7.1e12 < speed.flops_per_s < 71e12
    assert 93.6e9 < speed.bytes_per_s < 936e9


def test_vector_units_of_a_processor_count() -> None:
    plain, avx2, avx512 = (
        of_cpu(Cpu(physical_cores=4, vector_units=frozenset(units)))
        for units in ((), ("avx2",), ("avx2", "avx512f"))
    )
    rates = [found["float32"].flops_per_s for found in (plain, avx2, avx512)]
    assert rates == sorted(set(rates))


def test_a_card_that_says_nothing_of_itself_is_taken_for_a_slow_one() -> None:
    unknown = card(Gpu(0))["float32"]
    known = card(Gpu(0, capability=(7, 5), multiprocessors=14, clock_hz=1.5e9, memory_bytes_per_s=128e9))
    assert unknown.flops_per_s < known["float32"].flops_per_s
    assert unknown.bytes_per_s < known["float32"].bytes_per_s


@given(st.integers(1, 256))
def test_chats_leave_at_least_half_of_the_cores(cores: int) -> None:
    assert threads_of_chats(cores) == 1 or 2 * threads_of_chats(cores) <= cores
