"""How warm and how full the cards are that give."""

import pytest

from engine.api.schema import DeviceReading
from engine.machine.facts import Cpu, Gpu, Machine
from engine.machine.readings import readings_of

GB = 10**9
WARM = Gpu(0, uid="GPU-1", total_bytes=12 * GB, free_bytes=3 * GB, temperature=61)


@pytest.mark.parametrize(
    ("cards", "read"),
    [
        ((), ()),
        (
            (WARM,),
            (DeviceReading(place="GPU-1", celsius=61, memory_bytes=12 * GB, memory_used_bytes=9 * GB),),
        ),
        ((Gpu(0, uid="GPU-1", temperature=61),), (DeviceReading(place="GPU-1", celsius=61),)),
        ((Gpu(0, uid="GPU-1", total_bytes=12 * GB),), ()),
        ((Gpu(0, uid="GPU-2", temperature=61),), ()),
    ],
)
def test_cards_that_give_tell_what_they_know(cards: tuple[Gpu, ...], read: tuple[DeviceReading, ...]) -> None:
    computer = Machine(Cpu(physical_cores=2), memory_bytes=GB, available_bytes=GB, gpus=cards)
    assert readings_of(computer, {"GPU-1", "cpu"}) == read
