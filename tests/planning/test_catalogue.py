"""What is said of known models, and what a name may decide."""

import pytest

from engine.planning.catalogue import SMALL, SMALL_FLOOR, Entry, floor_of, parse, shipped
from engine.planning.quality import quality
from engine.precision import PRECISIONS, at_least
from engine.weights.starter import STARTER_NAME

ENTRIES = shipped().model
MOST = 0.95  # of a model's quality

ONE = """
[[model]]
source = "soup/Minestrone-*"
parameters = 2_000_000_000
licence = "MIT"
floor = "bfloat16"
draft = "soup/Broth"
"""


def test_an_entry_is_found_by_its_repository_or_its_display_name() -> None:
    catalogue = parse(ONE)
    for name in ("soup/Minestrone-2B", "minestrone-2b", "Minestrone-"):
        assert catalogue.entry(name) == catalogue.model[0]
    for name in ("other/Minestrone-2B", "Minestrone", "soup/Broth", ""):
        assert catalogue.entry(name) is None


@pytest.mark.parametrize(
    ("name", "parameters", "floor"),
    [
        ("unknown", SMALL, "nf4"),
        ("unknown", SMALL - 1, SMALL_FLOOR),
        ("Minestrone-2B", 2 * SMALL, "bfloat16"),
        ("Minestrone-2B", 1, "bfloat16"),
    ],
)
def test_the_floor_is_the_finer_of_entry_and_rule(name: str, parameters: int, floor: str) -> None:
    assert floor_of(name, parameters, parse(ONE)) == floor


def test_a_name_never_allows_coarser_weights_than_the_rule_by_size() -> None:
    coarse = parse(ONE.replace("bfloat16", "nf4"))
    assert floor_of("Minestrone-2B", SMALL - 1, coarse) == SMALL_FLOOR
    for entry in ENTRIES:
        assert at_least(floor_of(entry.source.replace("*", ""), 1), SMALL_FLOOR)


@pytest.mark.parametrize(
    "wrong",
    [
        ONE.replace("soup/Minestrone-*", "Minestrone"),
        ONE.replace("soup/Minestrone-*", "soup/[a-z]"),
        ONE.replace("2_000_000_000", "-1"),
        ONE.replace("2_000_000_000", '"2B"'),
        ONE.replace("bfloat16", "int3"),
        ONE.replace("licence", "license"),
        ONE.replace('"soup/Broth"', '"Broth"'),
        "[[model]]",
        "model = 3",
        "[[model",
    ],
)
def test_a_wrong_entry_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(wrong)


def test_the_shipped_entries_are_each_there_once() -> None:
    assert len(ENTRIES) >= 30
    sources = [entry.source.lower() for entry in ENTRIES]
    assert len(set(sources)) == len(sources)


def test_every_shipped_entry_is_the_first_that_fits_its_own_name() -> None:
    for entry in ENTRIES:
        assert shipped().entry(entry.source.replace("*", "x")) == entry


def test_shipped_drafts_are_known_and_far_smaller() -> None:
    with_drafts = [entry for entry in ENTRIES if entry.draft is not None]
    assert with_drafts
    for entry in with_drafts:
        draft = shipped().entry(entry.draft or "")
        assert draft is not None
        assert draft != entry
        assert draft.parameters is None or entry.parameters is None or 2 * draft.parameters < entry.parameters


def test_shipped_floors_say_more_than_the_rule_by_size() -> None:
    for entry in ENTRIES:
        if entry.floor is not None:
            assert entry.parameters is not None
            assert entry.floor != floor_of("unknown", entry.parameters)
            assert PRECISIONS.index(entry.floor) > 0


def test_the_starters_floor_is_the_coarsest_precision_that_was_measured_to_leave_most_of_it() -> None:
    left = {precision: quality((precision,), 1) for precision in PRECISIONS}
    good = [precision for precision in PRECISIONS if left[precision] > MOST]
    assert good != list(PRECISIONS)
    entry = shipped().entry(STARTER_NAME)
    assert entry is not None
    assert floor_of(STARTER_NAME, entry.parameters or 0) == good[0]


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("HuggingFaceTB/SmolLM2-135M-Instruct", "Apache-2.0"),
        ("SmolLM2-135M-Instruct.Q4_1", "Apache-2.0"),
        ("Llama-3.1-70B-Instruct", "Llama 3.1 Community License"),
        ("Qwen/Qwen2.5-3B-Instruct", "Qwen Research License"),
        ("deepseek-ai/DeepSeek-R1", "MIT"),
        ("deepseek-ai/DeepSeek-V3", "DeepSeek License"),
    ],
)
def test_well_known_models(name: str, licence: str) -> None:
    entry = shipped().entry(name)
    assert isinstance(entry, Entry)
    assert entry.licence == licence
