from engine.machine.changes import Changes, changes
from engine.machine.facts import Cpu, Gpu, Machine

FIRST, SECOND = Gpu(0, uid="first"), Gpu(1, uid="second")


def machine(*gpus: Gpu) -> Machine:
    return Machine(Cpu(), 1000, 1000, gpus)


def test_nothing_changed_though_the_figures_did():
    found = changes(machine(FIRST), machine(Gpu(0, uid="first", free_bytes=5, temperature=80)))
    assert found == Changes()
    assert not found


def test_a_card_appears_and_another_is_lost():
    assert changes(machine(FIRST), machine(FIRST, SECOND)) == Changes(appeared=(SECOND,))
    assert changes(machine(FIRST, SECOND), machine(FIRST)) == Changes(lost=(SECOND,))
    assert changes(machine(), machine(FIRST))


def test_a_card_that_torch_calls_by_another_number_has_gone_and_come():
    renumbered = Gpu(0, uid="second")
    assert changes(machine(FIRST, SECOND), machine(renumbered)) == Changes((renumbered,), (FIRST, SECOND))
