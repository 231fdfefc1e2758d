"""No text of the window is without its translation."""

from pathlib import Path
from string import Formatter

import pytest

from engine.api.sentences import ENGLISH
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


CODE = """
from engine.api.sentences import counted, said
said("Only {free:bytes} are " "free.", free=3)
raise Full(counted("{n} layer", "{n} layers", n=3))
speak("nothing")
"""


def test_the_templates_of_sentences_are_found_in_code() -> None:
    found = [("Only {free:bytes} are free.", False), ("{n} layers", True)]
    assert list(translations.templates_in(CODE)) == found
    assert list(translations.templates_in('said("Anything, in a module of its own words.")')) == []


def test_a_template_that_is_put_together_cannot_be_translated() -> None:
    code = 'from engine.api.sentences import said\nsaid("a" + word)'
    with pytest.raises(translations.NotLiteral, match="line 2"):
        list(translations.templates_in(code))


def test_what_the_engine_says_is_known_to_translators() -> None:
    known = translations.templates()
    assert known[
        "{model} cannot answer now: nobody serves layers {ranges} of {n_layers}; press Start to share "
        "them here, or wait for a computer that does."
    ]
    assert known["{others} and {last}"] is False  # of `both`
    assert "{device} ({holder})" not in known  # there is nothing to translate


@pytest.mark.parametrize("ts", COMPLETE, ids=lambda ts: ts.stem)
def test_sentences_can_be_said_in_each_language(ts: Path) -> None:
    """Each form is another text than the English one, and all values are written in ways that there are."""
    for (context, template), translation in translations.read(ts).items():
        if context == "Said":
            assert template not in translation.forms
            for form in translation.forms:
                for _, _, kind, _ in Formatter().parse(form):
                    assert ENGLISH.format_field(1 if kind in ("bytes", "number") else "0 18:00", kind or "")


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
