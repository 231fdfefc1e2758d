"""The page of results, from recorded figures."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from engine.bench.figures import Failure
from engine.bench.page import PAGE, Made, write_page
from tests.bench.recorded import FIGURES

MADE = Made("potluck-engine bench --page FOLDER", "a model", 2, 24 * 10**9, "torch 2, transformers 5")
PICTURES = {
    "one-stream-of-local-generate.svg",
    "many-streams-of-one-stream.svg",
    "tokens-a-second.svg",
    "trips.svg",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "speed"
    write_page(folder, MADE, FIGURES, {"memory": "of a block server"})
    return folder


def test_it_says_on_what_it_was_made(page: Path) -> None:
    text = (page / PAGE).read_text(encoding="utf-8")
    assert "`potluck-engine bench --page FOLDER` with a model in float32" in text
    assert "2 cores with 24 GB of memory; torch 2, transformers 5." in text


def test_each_figure_stands_beside_its_limit(page: Path) -> None:
    lines = (page / PAGE).read_text(encoding="utf-8").splitlines()
    for one in FIGURES:
        [row] = [line for line in lines if line.startswith(f"| {one.name} |")]
        assert one.limit is None or f"| {one.limit:.2f} | {one.limit_is} |" in row


def test_scenarios_that_were_left_out_are_named(page: Path) -> None:
    text = (page / PAGE).read_text(encoding="utf-8")
    assert text.endswith("## Not measured in this run\n\n- `memory`: of a block server\n")


def test_a_whole_run_misses_nothing(tmp_path: Path) -> None:
    write_page(tmp_path, MADE, FIGURES[:1], {})
    assert "Not measured" not in (tmp_path / PAGE).read_text(encoding="utf-8")


def test_what_failed_is_told_first_and_what_was_measured_all_the_same(tmp_path: Path) -> None:
    write_page(tmp_path, MADE, FIGURES[:1], {}, [Failure("many", "A block server has ended.")])
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "## Failed\n\n- `many`: A block server has ended.\n\n## One stream\n" in text
    assert f"| {FIGURES[0].name} |" in text


def test_lines_have_a_table_from_the_nearest_to_the_farthest(page: Path) -> None:
    lines = (page / PAGE).read_text(encoding="utf-8").splitlines()
    head = lines.index("| tokens a second | 20 ms | 100 ms |")
    assert lines[head + 2 : head + 4] == ["| plain | 9.80 | 4.40 |", "| draft model | 6.00 | 19.6 |"]


def test_ratios_of_the_same_thing_share_a_picture_and_times_have_none(page: Path) -> None:
    assert {file.name for file in page.iterdir()} == PICTURES | {PAGE}
    text = (page / PAGE).read_text(encoding="utf-8")
    for name in PICTURES:
        assert f"]({name})" in text
        ET.parse(page / name)


def test_pictures_are_the_same_whenever_the_figures_are(page: Path, tmp_path: Path) -> None:
    write_page(tmp_path, MADE, FIGURES, {})
    for name in PICTURES:
        assert (tmp_path / name).read_bytes() == (page / name).read_bytes()
