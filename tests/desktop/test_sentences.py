"""What the engine says, in the window's language."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from desktop.app_state import sentence_of, sentence_of_error
from desktop.os_glue.language import speak
from desktop.sentences import in_words
from engine.api.complaints import first_complaint
from engine.api.schema import Condition, DonationOrder, Reason
from engine.api.sentences import Sentence, counted, said
from engine.byte_sizes import GB
from engine.errors import MissingLayers
from tests.desktop.told import EVERYTHING
from tests.packaging.test_needs import load

NO_CARD = "Potluck cannot see how hot {card} is."
NO_ROOM = (
    "The disk has no room for a layer, which takes {size:bytes} at least: free some space, or raise the "
    "limit with `potluck-engine layers limit`."
)


def fits(layers: int) -> Sentence:
    return counted(
        "{n} layer is what {device} computes in {seconds:number} seconds for each token",
        "{n} layers are what {device} computes in {seconds:number} seconds for each token",
        layers,
        device="RTX",
        seconds=0.5,
    )


@pytest.fixture
def german(silenced_after: QApplication) -> None:
    speak(silenced_after, "de")


@pytest.fixture
def french(silenced_after: QApplication) -> None:
    speak(silenced_after, "fr")


def test_in_english_it_stays_as_it_came() -> None:
    assert in_words(fits(1)) == "1 layer is what RTX computes in 0.5 seconds for each token"
    assert in_words("Plain.") == "Plain."


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (fits(1), "mehr als 1 Schicht rechnet RTX in 0,5 Sekunden je Token nicht"),
        (fits(24), "mehr als 24 Schichten rechnet RTX in 0,5 Sekunden je Token nicht"),
        (
            said(
                "{what}: {reason}, and {limit}.",
                what="X",
                reason=said("you chose these layers"),
                limit=fits(2),
            ),
            "X: Du hast diese Schichten gewählt, und mehr als 2 Schichten rechnet RTX in 0,5 Sekunden je "
            "Token nicht.",
        ),
        (
            said(
                "{device} ({holder})",
                device="RTX",
                holder=said("{program} holds {used:bytes}", program="game", used=1.5 * GB),
            ),
            "RTX (game belegt 1,5 GB)",
        ),
    ],
)
def test_plural_and_numbers_are_the_language_s(sentence: str, words: str) -> None:
    assert in_words(sentence) == words


def templates_in(sentence: Sentence) -> Iterator[str]:
    yield sentence.template
    for value in sentence.values.values():
        if isinstance(value, Sentence):
            yield from templates_in(value)


@pytest.mark.parametrize("sentence", EVERYTHING)
def test_the_fake_engine_says_what_the_engine_says(sentence: Sentence) -> None:
    assert {*templates_in(sentence)} <= {*load("translations").templates()}


@pytest.mark.usefixtures("french")
def test_one_form_serves_none_and_one_in_french() -> None:
    starts = [in_words(fits(n)).partition(" en ")[0] for n in (0, 1, 2)]
    assert starts == [f"RTX ne calcule pas plus de {n} couche{'s' if n > 1 else ''}" for n in (0, 1, 2)]


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    "sentence",
    [
        Sentence("A newer engine says this.", "A newer engine says {what}.", {"what": "this"}),
        Sentence("A value is missing.", NO_CARD, {}),
        Sentence("A size is none.", NO_ROOM, {"size": "large"}),
        Sentence("Nobody knows.", "", {}),
        Sentence("[Errno 5] Input/output error"),
    ],
)
def test_what_is_not_known_here_stays_english(sentence: Sentence) -> None:
    assert in_words(sentence) == sentence


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("name", ["{size} %n %1", "<b>bold</b>", "{0.__class__}", "}{"])
def test_what_others_call_themselves_is_no_template(name: str) -> None:
    assert in_words(said("Potluck cannot see how hot {card} is.", card=name)) == (
        f"Potluck sieht nicht, wie heiß {name} ist."
    )


@pytest.mark.usefixtures("german")
def test_a_count_of_any_size_is_said() -> None:
    assert in_words(fits(10**12)).startswith("mehr als 1000000000000 Schichten")


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("reason", "values", "words"),
    [
        (
            Reason.PAUSED_DISK_LOW,
            {"limit": 25 * GB // 10},
            "Pausiert: Weniger als 2,5 GB der Festplatte sind frei",
        ),
        (Reason.PAUSED_OUT_OF_SCHEDULE, {"until": "0 08:00"}, "Pausiert bis Montag 08:00, nach Zeitplan"),
        (
            Reason.PAUSED_UNCERTAIN,
            {"detail": said("Potluck cannot see which programs run.")},
            "Pausiert: Potluck sieht nicht, welche Programme laufen",
        ),
    ],
)
def test_a_condition_says_its_values_in_the_language(
    reason: Reason, values: dict[str, str | int], words: str
) -> None:
    assert sentence_of(Condition(reason=reason, values=values)) == words


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b'{"action": "dance"}', "action: hier steht eines von start, pause, finish"),
        (b'{"action": "pause", "for_seconds": -0.5}', "for_seconds: das muss mehr als 0 sein"),
        (b"[]", "die Anfrage: das muss ein Objekt mit benannten Werten sein"),
    ],
)
def test_what_is_wrong_with_a_value_is_said_in_the_language(sent: bytes, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DonationOrder.model_validate_json(sent)
    assert in_words(first_complaint(caught.value, "die Anfrage")) == words


@pytest.mark.usefixtures("german")
def test_an_error_says_what_is_missing_in_the_language() -> None:
    told = sentence_of_error(MissingLayers("stew", ((8, 9),), 32))
    assert told.startswith("stew kann jetzt nicht antworten: Niemand stellt Schicht 9 von 32 bereit;")


def test_names_keep_their_direction_where_text_runs_leftwards() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.Arabic))
    assert in_words(said("{device} ({holder})", device="RTX", holder="/dev/x")) == (
        "\N{FIRST STRONG ISOLATE}RTX\N{POP DIRECTIONAL ISOLATE} "
        "(\N{FIRST STRONG ISOLATE}/dev/x\N{POP DIRECTIONAL ISOLATE})"
    )
