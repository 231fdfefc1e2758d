"""Plans of recorded computers for models of 8, 70 and 405 billion numbers."""

from dataclasses import replace

import pytest

from engine.planning.models import ModelShape
from engine.planning.planner import plan
from engine.planning.plans import HostPlan
from engine.precision import PRECISIONS, at_least
from tests.machine.recorded_machines import NAMES, recorded
from tests.planning.shapes import LARGE_MODELS
from tests.planning.table import FILE, SWARMS, plans, situation, text

CASES = pytest.mark.parametrize("name", NAMES)


def chosen(name: str, shape: ModelShape, kind: str) -> list[HostPlan]:
    return [one.plan for one in plans(recorded(name), shape, kind) if one.plan is not None]


def test_the_table_is_up_to_date():
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m tests.planning.table`"


@CASES
def test_each_plan_fits_and_is_explained(name: str):
    for shape in LARGE_MODELS:
        for found in plans(recorded(name), shape, "alone"):
            assert (found.plan is None) != (found.regret is None)
            if found.plan is not None:
                assert found.plan.memory.total <= found.plan.memory.budget
                assert found.plan.why.endswith(".")
                assert all(at_least(precision, shape.floor) for precision in found.plan.layer_precisions)
                assert set(found.plan.layer_precisions) <= set(PRECISIONS)


@CASES
def test_alone_a_computer_starts_at_the_first_layer_and_goes_on_card_by_card(name: str):
    for shape in LARGE_MODELS:
        end = 0
        for one in chosen(name, shape, "alone"):
            assert one.start <= end % shape.n_layers
            end = one.end


@CASES
def test_beside_others_a_computer_serves_what_they_do_not(name: str):
    for shape in LARGE_MODELS:
        served = chosen(name, shape, "half")
        half = shape.n_layers // 2
        assert not served or served[0].start <= half < served[0].end


@CASES
def test_what_was_planned_stays_while_nothing_changes(name: str):
    for shape in LARGE_MODELS:
        for kind in SWARMS:
            before = situation(recorded(name), shape, kind)
            serving = {one.place: one.plan for one in plan(before) if one.plan is not None}
            later = replace(before, serving=serving, served_seconds=dict.fromkeys(serving, 1e6))
            assert {one.place: one.plan for one in plan(later) if one.plan is not None} == serving


@CASES
def test_a_floor_is_kept_at_the_price_of_layers(name: str):
    shape = LARGE_MODELS[1]
    for coarse, fine in zip(
        chosen(name, shape, "alone"), chosen(name, replace(shape, floor="float16"), "alone"), strict=False
    ):
        assert not {"nf4", "int8"} & set(fine.layer_precisions)
        if coarse.place == fine.place and coarse.start == fine.start:
            assert fine.end <= coarse.end
