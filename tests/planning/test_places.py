from dataclasses import replace

import pytest

from engine.byte_sizes import GB
from engine.errors import BadRequest
from engine.machine.estimates import estimated
from engine.machine.facts import Cpu, Gpu, GpuProcess, Machine, Vendor
from engine.machine.speeds import CPU, Speed, Speeds
from engine.planning.places import BARE_RESERVE, DESKTOP_RESERVE, RUNTIME, Place, places_of
from engine.settings import HostSettings
from tests.machine.recorded_machines import NAMES, recorded

ANY = HostSettings()
CARD = Gpu(0, "Card", total_bytes=24 * GB, free_bytes=20 * GB, capability=(8, 9), uid="GPU-a")


def machine(*cards: Gpu, available: int = 16 * GB, cores: int = 8) -> Machine:
    return Machine(Cpu(physical_cores=cores), 2 * available, available, cards)


def places(found: Machine, wishes: HostSettings = ANY, speeds: Speeds | None = None) -> dict[str, Place]:
    return {place.key: place for place in places_of(found, speeds or estimated(found), wishes)}


def test_half_of_main_memory_may_be_used_and_one_core_is_left_alone():
    place = places(machine(available=10 * GB, cores=8))[CPU]
    assert (place.budget, place.reserve, place.threads) == (5 * GB, 5 * GB, 7)
    assert (place.name, place.precision) == ("CPU, 7 threads", "float32")


@pytest.mark.parametrize(
    ("wished", "measured", "threads"), [(None, None, 7), (None, 4, 4), (8, 4, 8)], ids=str
)
def test_the_owner_chooses_the_threads_else_they_are_measured(wished, measured, threads):
    found = places(machine(cores=8), replace(ANY, threads=wished), Speeds(threads=measured))
    assert found[CPU].threads == threads


@pytest.mark.parametrize(
    ("display", "reserve"), [(True, DESKTOP_RESERVE), (None, DESKTOP_RESERVE), (False, BARE_RESERVE)]
)
def test_more_is_left_to_the_desktop_where_it_may_be(display, reserve):
    place = places(machine(replace(CARD, drives_display=display)))["GPU-a"]
    assert (place.budget, place.reserve) == (20 * GB - reserve, reserve)


def test_sessions_that_rest_have_an_eighth_of_main_memory_where_a_card_has_its_own():
    other = replace(CARD, index=1, uid="GPU-b")
    found = places(machine(CARD, other, available=16 * GB))
    assert {key: place.resting for key, place in found.items()} == {"GPU-a": GB, "GPU-b": GB, CPU: 0}
    shared = places(machine(replace(CARD, shares_memory=True), available=16 * GB))
    assert shared["GPU-a"].resting == 0


def test_a_card_that_shares_main_memory_gets_half_of_what_is_available():
    shared = Gpu(0, "M9", vendor=Vendor.APPLE, shares_memory=True)
    place = places(machine(shared, available=12 * GB))[shared.key]
    assert (place.budget, place.reserve, place.is_main_memory) == (6 * GB, 6 * GB, True)


@pytest.mark.parametrize(
    ("speeds", "native"),
    [
        ({"bfloat16": Speed(9e13, 1e11), "float16": Speed(1e14, 1e11)}, "bfloat16"),
        ({"bfloat16": Speed(1e13, 1e11), "float16": Speed(1e14, 1e11)}, "float16"),
        ({"float16": Speed(1e14, 1e11)}, "bfloat16"),  # its generation says so
    ],
)
def test_a_card_computes_in_what_it_is_fast_in(speeds, native):
    assert places(machine(CARD), speeds=Speeds({"GPU-a": speeds}))["GPU-a"].precision == native


def test_an_old_card_computes_in_float16():
    old = replace(CARD, capability=(6, 1))
    assert places(machine(old), speeds=Speeds())["GPU-a"].precision == "float16"


@pytest.mark.parametrize(
    ("coarse", "native"),
    [
        (Speed(9e11, 9e9, measured=True), "bfloat16"),
        (Speed(9e11, 9e9, measured=False), "float32"),
        (Speed(9e11, 4e9, measured=True), "float32"),
        (Speed(1e11, 9e9, measured=True), "float32"),
    ],
)
def test_a_cpu_computes_in_bfloat16_only_if_that_was_measured_to_be_faster(coarse, native):
    speeds = Speeds({CPU: {"float32": Speed(2e11, 1e10, measured=True), "bfloat16": coarse}})
    assert places(machine(), speeds=speeds)[CPU].precision == native


def test_weights_are_kept_in_what_the_device_has_a_speed_for():
    speeds = Speeds({"GPU-a": {"float32": Speed(1, 1), "bfloat16": Speed(1, 1), "nf4": Speed(1, 1)}})
    assert places(machine(CARD), speeds=speeds)["GPU-a"].precisions == ("nf4", "bfloat16")


def test_cards_come_first_and_those_with_most_room_before_others():
    small = replace(CARD, index=1, free_bytes=8 * GB, uid="GPU-b")
    assert list(places(machine(small, CARD))) == ["GPU-a", "GPU-b", CPU]


def test_a_game_that_holds_the_memory_is_named():
    busy = replace(
        CARD, free_bytes=GB, processes=(GpuProcess(7, "game", 7 * GB), GpuProcess(8, "Xorg", GB // 9))
    )
    place = places(machine(busy))["GPU-a"]
    assert place.refusal is not None
    assert "Only 1.0 GB of 24 GB are free on Card (game holds 7.0 GB)" in place.refusal


def test_a_card_that_does_not_say_how_much_is_free_is_left_alone():
    assert "does not say" in str(places(machine(replace(CARD, free_bytes=None)))["GPU-a"].refusal)


def test_a_card_that_torch_cannot_drive_is_left_alone():
    found = replace(machine(), beyond_torch=(CARD,))
    assert "PyTorch cannot compute on Card" in str(places(found)["GPU-a"].refusal)


def test_the_owner_limits_memory_devices_threads_and_precision():
    wishes = HostSettings(memory_bytes=3 * GB, devices=(CPU,), threads=2, precision="bfloat16")
    [place] = places(machine(CARD), wishes).values()
    assert (place.key, place.budget, place.threads, place.precision) == (CPU, 3 * GB, 2, "bfloat16")
    assert place.budget + place.reserve == 16 * GB


def test_a_limit_of_one_device_holds_there_and_the_common_one_elsewhere():
    other = replace(CARD, index=1, uid="GPU-b")
    found = machine(CARD, other)
    wishes = HostSettings(memory_bytes=6 * GB, memory_by_device={"GPU-b": 8 * GB, "not here": GB})
    assert {key: place.budget for key, place in places(found, wishes).items()} == {
        "GPU-a": 6 * GB,
        "GPU-b": 8 * GB,
        CPU: 6 * GB,
    }
    moved = machine(replace(CARD, index=1), replace(other, index=0))  # to the other's slot
    assert places(moved, wishes)["GPU-b"].budget == 8 * GB


def test_a_precision_that_nobody_knows():
    with pytest.raises(BadRequest, match="“float7” is unknown: choose one of nf4, int8,"):
        places(machine(CARD), HostSettings(precision="float7"))


def test_a_card_that_is_lost_is_missed_and_the_others_are_used():
    found = places(machine(CARD), HostSettings(devices=("GPU-z", "GPU-a")))
    assert "no device “GPU-z”: choose from GPU-a, cpu" in str(found["GPU-z"].refusal)
    assert found["GPU-a"].refusal is None
    assert list(found) == ["GPU-a", "GPU-z"]
    with pytest.raises(BadRequest, match="no device “GPU-z”"):
        places(machine(CARD), HostSettings(devices=("GPU-z",)))


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_computer_is_promised_more_than_it_has_free(name):
    found = recorded(name)
    for place in places(found).values():
        card = next((gpu for gpu in (*found.gpus, *found.beyond_torch) if gpu.key == place.key), None)
        main = card is None or card.shares_memory
        free = found.available_bytes if main or card is None else card.free_bytes or 0
        assert place.budget + place.reserve <= free
        assert place.runtime in RUNTIME.values()
