import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadRequest, NotEnoughMemory
from engine.machine.facts import Cpu, Gpu, Machine
from engine.machine.plan import BYTES_OF, DESKTOP_RESERVE, GIB, MIB, ModelSize, plan
from engine.settings import HostSettings

SMALL = ModelSize("small", (3_500_000,) * 30)  # 420 MB in float32
LARGE = ModelSize("large", (200_000_000,) * 80)  # 400 MB a layer in bfloat16
ANY = HostSettings()


def cpu(available: int, cores: int = 8) -> Machine:
    return Machine(Cpu(physical_cores=cores), 2 * available, available)


def with_cards(*gpus: Gpu) -> Machine:
    return Machine(Cpu(physical_cores=8), 32 * GIB, 16 * GIB, gpus)


def card(free: int, capability: tuple[int, int] | None = (8, 9), index: int = 0) -> Gpu:
    return Gpu(index, f"Card {index}", free_bytes=free, capability=capability)


def test_a_small_model_is_served_whole_on_the_cpu():
    chosen = plan(cpu(16 * GIB), SMALL, ANY)
    assert (chosen.start, chosen.end, chosen.precision, chosen.device) == (0, 30, "float32", "cpu")
    assert (chosen.threads, chosen.device_name) == (7, "CPU, 7 threads")
    assert chosen.why.startswith("The whole model takes 420 MB in float32")


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (16, 15)])
def test_one_core_is_left_alone(cores, threads):
    assert plan(cpu(16 * GIB, cores), SMALL, ANY).threads == threads


def test_half_of_the_memory_bounds_the_layers():
    chosen = plan(cpu(4 * GIB), LARGE, HostSettings(cache_bytes=64 * MIB))
    assert (chosen.start, chosen.end) == (0, 2)  # 800 MB each; 2 GiB less the cache holds two
    assert chosen.why.startswith("These 2 layers take 1.6 GB")


@pytest.mark.parametrize(
    ("capability", "precision"),
    [((8, 0), "bfloat16"), ((9, 0), "bfloat16"), ((7, 5), "float16"), (None, "float16")],
)
def test_a_card_comes_before_the_cpu(capability, precision):
    chosen = plan(with_cards(card(8 * GIB, capability)), LARGE, ANY)
    assert (chosen.device, chosen.device_name, chosen.precision) == ("cuda:0", "Card 0", precision)
    assert 0 < chosen.end < 80


def test_the_card_with_most_free_memory_is_taken():
    machine = with_cards(card(8 * GIB), card(20 * GIB, index=1), Gpu(2))
    assert plan(machine, LARGE, ANY).device == "cuda:1"


def test_a_full_card_leaves_the_work_to_the_cpu():
    assert plan(with_cards(card(DESKTOP_RESERVE)), SMALL, ANY).device == "cpu"


def test_the_owner_wins():
    wishes = HostSettings(layers=(10, 20), precision="bfloat16", threads=2, cache_bytes=100 * MIB)
    chosen = plan(cpu(16 * GIB), SMALL, wishes)
    assert (chosen.start, chosen.end, chosen.precision) == (10, 20, "bfloat16")
    assert (chosen.threads, chosen.cache_bytes) == (2, 100 * MIB)
    assert chosen.why.startswith("You chose these layers")


def test_nothing_fits():
    with pytest.raises(NotEnoughMemory, match="Not even one layer of large fits into memory"):
        plan(cpu(GIB), LARGE, ANY)
    with pytest.raises(NotEnoughMemory, match="The layers you chose do not fit"):
        plan(cpu(4 * GIB), LARGE, HostSettings(layers=(0, 40)))


@pytest.mark.parametrize("layers", [(0, 31), (5, 5), (7, 3), (-1, 3)])
def test_layers_that_the_model_has_not(layers):
    with pytest.raises(BadRequest, match="layers 1 to 30"):
        plan(cpu(16 * GIB), SMALL, HostSettings(layers=layers))


def test_a_precision_that_nobody_knows():
    with pytest.raises(BadRequest, match="float7"):
        plan(cpu(16 * GIB), SMALL, HostSettings(precision="float7"))


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=60),
    st.integers(64 * MIB, 64 * GIB),
    st.lists(st.integers(0, 80 * GIB), max_size=3),
)
def test_what_is_planned_fits_and_is_as_much_as_fits(layers, available, cards):
    gpus = tuple(card(free, index=index) for index, free in enumerate(cards))
    machine, model = (
        Machine(Cpu(physical_cores=4), available, available, gpus),
        ModelSize("any", tuple(layers)),
    )
    try:
        chosen = plan(machine, model, ANY)
    except NotEnoughMemory:
        return
    on_cpu = chosen.device == "cpu"
    room = available // 2 if on_cpu else max(cards) - DESKTOP_RESERVE
    size = BYTES_OF[chosen.precision]
    used = sum(layers[chosen.start : chosen.end]) * size + chosen.cache_bytes
    assert used <= room
    assert chosen.end == len(layers) or used + layers[chosen.end] * size > room
