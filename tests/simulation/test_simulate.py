"""Whole runs of small swarms."""

from dataclasses import replace

import pytest

from engine.simulation.report import as_text, summary
from engine.simulation.run import RULES, Outcome, simulate
from engine.simulation.settings import Pace, SimulationSettings

SETTINGS = SimulationSettings(
    peers=40, hours=8.0, seed=1, models=("8b", "32b"), newcomer=None, rounds=2, pace=Pace(sample=1800.0)
)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {rule: simulate(SETTINGS, rule) for rule in RULES}


def without_times(outcome: Outcome) -> object:
    """What the same seed gives again."""
    counts = replace(outcome.tally, decision_seconds=[])
    chats = {model: replace(routed, plan_seconds=0.0) for model, routed in outcome.chats.items()}
    return outcome.samples, counts, len(outcome.tally.decision_seconds), chats, outcome.covered_after


def test_the_same_seed_gives_the_same_outcome() -> None:
    settings = replace(SETTINGS, hours=2.0, peers=20)
    first, again = (simulate(settings, "potluck") for _ in range(2))
    assert without_times(first) == without_times(again)


def test_another_seed_gives_another_outcome(outcomes: dict[str, Outcome]) -> None:
    other = simulate(replace(SETTINGS, seed=2, hours=1.0), "random")
    assert other.samples[0] != outcomes["random"].samples[0]


def test_computers_come_and_go_alike_under_all_rules(outcomes: dict[str, Outcome]) -> None:
    on = [[sample.computers_on for sample in outcome.samples] for outcome in outcomes.values()]
    assert on[0] == on[1] == on[2]
    assert min(on[0]) < max(on[0])


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_above_its_bound(outcomes: dict[str, Outcome], rule: str) -> None:
    for sample in outcomes[rule].samples:
        assert 0 <= sample.of_bound_on <= sample.of_bound + 1e-4
        assert sample.of_bound <= 1 + 1e-4
        assert sample.met <= sample.met_bound + 1e-4
    for routed in (*outcomes[rule].chats.values(), *outcomes[rule].batches.values()):
        assert 0 < routed.share <= 1 + 1e-9
        assert 0 < routed.link_seconds < 1 / routed.tokens_per_s
        assert routed.idle_tokens_per_s > 0


def test_the_real_rule_serves_all_models_and_wastes_less_than_chance(outcomes: dict[str, Outcome]) -> None:
    real, chance = summary(outcomes["potluck"]), summary(outcomes["random"])
    assert all(model.complete == 1 for model in real.models)
    assert real.of_bound > chance.of_bound
    assert real.met > 2 * chance.met


def test_once_all_know_each_other_the_real_rule_fetches_far_less_than_the_predecessors() -> None:
    settings = replace(
        SETTINGS, hours=36.0, steady_from=0.5, newcomer_from=1.0, pace=Pace(sample=7200.0, think=3600.0)
    )
    real, predecessor = (summary(simulate(settings, rule)) for rule in ("potluck", "weakest-first"))
    assert real.gb_per_hour < predecessor.gb_per_hour / 2
    assert real.moves_per_hour < predecessor.moves_per_hour


def test_a_model_that_comes_later_is_covered_then() -> None:
    settings = replace(SETTINGS, models=("8b",), newcomer="32b", newcomer_from=0.5, hours=6.0)
    outcome = simulate(settings, "potluck")
    late = next(model for model, shape in outcome.models.items() if shape.name == "32B")
    assert 0 < outcome.covered_after[late] < 3 * 3600
    assert all(late not in sample.wanted for sample in outcome.samples if sample.at < 3 * 3600)


def test_the_report_says_it_in_words(outcomes: dict[str, Outcome]) -> None:
    text = as_text([summary(outcome) for outcome in outcomes.values()])
    for word in ("40 computers", "potluck", "weakest-first", "random", "of the bound", "8B", "32B"):
        assert word in text
