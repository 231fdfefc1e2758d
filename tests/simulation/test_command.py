"""`potluck-engine simulate`, as people call it."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from engine.cli.program import main, parse
from engine.cli.simulate import models_for

SHORT = ["simulate", "--peers", "12", "--hours", "2", "--models", "8b"]
PICTURES = ("bound.svg", "met.svg", "downloads.svg", "growth.svg")


def test_it_prints_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--rule", "random"]) == 0
    printed = capsys.readouterr()
    assert "12 computers" in printed.out
    assert "random: 2 hours of 12 computers" in printed.err


def test_it_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--rule", "random", "--rule", "potluck-anywhere", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["rule"], second["rule"]) == ("random", "potluck-anywhere")
    assert 0 < second["of_bound"] <= 1


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--peers", "9", "write 10 to 10000"),
        ("--peers", "ten", "write 10 to 10000"),
        ("--hours", "0.5", "write 1 to 720 hours"),
        ("--seed", "-1", "number of at most 9 digits"),
        ("--models", "8b,9b", "write some of 8b, 32b, 70b, 405b"),
        ("--models", "8b,8b", "write some of 8b, 32b, 70b, 405b"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], option: str, value: str, words: str
) -> None:
    with pytest.raises(SystemExit):
        parse(["simulate", f"{option}={value}"])
    assert words in " ".join(capsys.readouterr().err.split())


def test_models_that_too_few_computers_could_hold_are_left_out() -> None:
    assert [models_for(peers)[-1] for peers in (10, 100, 1000)] == ["8b", "70b", "405b"]


def test_a_page_has_text_and_pictures_that_are_the_same_again(tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    for folder in (first, again):
        assert main([*SHORT, "--rule", "random", "--page", str(folder)]) == 0
    text = (first / "results.md").read_text(encoding="utf-8")
    assert "`potluck-engine simulate --peers 12 --hours 2 --seed 0 --models 8b --rule random" in text
    for name in PICTURES:
        assert f"({name})" in text
        assert (first / name).stat().st_size < 150_000
        ET.parse(first / name)
    for name in ("bound.svg", "met.svg", "downloads.svg"):  # the others tell of times
        assert (first / name).read_bytes() == (again / name).read_bytes()
