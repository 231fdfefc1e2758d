"""No text of the window is without its translation."""

from pathlib import Path

import pytest

from tests.packaging.test_needs import load

translations = load("translations")
Translation = translations.Translation
COMPLETE = translations.translations()


def test_there_are_two_languages_beside_english() -> None:
    assert [ts.stem for ts in COMPLETE] == ["potluck_de", "potluck_fr"]


@pytest.mark.parametrize("ts", COMPLETE, ids=lambda ts: ts.stem)
def test_every_text_is_translated_and_compiled(ts: Path) -> None:
    faults = translations.check(ts)
    assert not faults, "\n".join([*faults, "packaging/translations.py says what to do."])


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ({("C", "{n} layers"): Translation(("{n} Schichten",), finished=True)}, None),
        ({}, "missing"),
        ({("C", "{n} layers"): Translation(("{n} Schichten",), finished=False)}, "not translated"),
        ({("C", "{n} layers"): Translation(("",), finished=True)}, "not translated"),
        ({("C", "{n} layers"): Translation(("{m} Schichten",), finished=True)}, "other parts to fill in"),
    ],
)
def test_what_is_wrong_with_a_translation_is_said(found: dict, complaint: str | None) -> None:
    said = list(translations.complaints([("C", "{n} layers")], found))
    assert [line.partition(":")[0] for line in said] == ([complaint] if complaint else [])


def test_a_translation_of_a_text_that_is_gone_is_said() -> None:
    gone = {("C", "gone"): Translation(("weg",), finished=True)}
    assert list(translations.complaints([], gone)) == ["not used any more: C: 'gone'"]


def test_a_compiled_file_that_lags_behind_is_said(tmp_path: Path) -> None:
    ts = COMPLETE[0]
    newer = {**translations.read(ts), ("AnswerView", "Answer"): Translation(("Erwiderung",), finished=True)}
    assert list(translations.stale(translations.compiled(ts), newer)) == [
        "not compiled: AnswerView: 'Answer'"
    ]
    assert list(translations.stale(tmp_path / "potluck_xx.qm", newer)) == ["potluck_xx.qm cannot be loaded"]
