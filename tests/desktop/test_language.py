"""The window in the owner's language, or in the system's."""

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton

from desktop.app_state import sentence_of
from desktop.figures import decimal, shortest
from desktop.main import Desktop
from desktop.os_glue.language import LANGUAGE, LANGUAGES, language_of, locale_of, speak
from desktop.sharing.wording import bytes_in_words
from desktop.window import ENTRY_PADDING
from engine.api.schema import Condition, Reason
from tests.desktop.conftest import part, until
from tests.desktop.fake_engine import FakeEngine


@pytest.mark.parametrize(
    ("chosen", "system", "language"),
    [
        ("", ["de-CH", "de", "fr"], "de"),
        ("", ["nl-NL", "fr-BE", "en"], "fr"),
        ("", ["pt_BR"], "en"),
        ("", ["C"], "en"),
        ("", [], "en"),
        ("fr", ["de-DE"], "fr"),
        ("en", ["de-DE"], "en"),
        ("xx", ["de-DE"], "de"),
    ],
)
def test_the_choice_goes_before_the_system(chosen: str, system: list[str], language: str) -> None:
    assert language_of(chosen, system) == language


def test_numbers_are_written_as_where_the_user_lives() -> None:
    swiss = QLocale("de_CH")
    assert locale_of("de", swiss) == swiss
    assert locale_of("fr", swiss) == QLocale("fr_CH")
    assert locale_of("fr", QLocale.c()).language() is QLocale.Language.French


@pytest.mark.parametrize(
    ("language", "answer", "of_qt", "sentence", "size", "amounts"),
    [
        ("en", "Answer", "Open", "Paused: blender is running", "1.5 GB", ("12345.50", "0.7")),
        ("de", "Antwort", "Öffnen", "Pausiert: blender läuft", "1,5 GB", ("12345,50", "0,7")),
        (
            "fr",
            "Réponse",
            "Ouvrir",
            "En pause\xa0: blender est en cours d’exécution",
            "1,5 Go",
            ("12345,50", "0,7"),
        ),
    ],
)
def test_texts_numbers_and_qt_itself_speak_the_language(
    silenced_after: QApplication,
    language: str,
    answer: str,
    of_qt: str,
    sentence: str,
    size: str,
    amounts: tuple[str, str],
) -> None:
    speak(silenced_after, language)
    assert QCoreApplication.translate("AnswerView", "Answer") == answer
    assert QCoreApplication.translate("QPlatformTheme", "Open") == of_qt
    paused = Condition(reason=Reason.PAUSED_APP_RUNNING, values={"app": "blender"})
    assert sentence_of(paused) == sentence
    assert bytes_in_words(1_500_000_000) == size
    assert (decimal(12345.5, 2), shortest(0.7)) == amounts


def test_longer_words_fit_into_the_navigation(silenced_after: QApplication, with_desktop) -> None:
    speak(silenced_after, "de")

    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        entry = part(desktop.window, "navSettings", QToolButton)
        assert entry.text() == "Einstellungen"
        words = entry.fontMetrics().horizontalAdvance(entry.text())
        await until(lambda: entry.width() >= entry.iconSize().width() + words + ENTRY_PADDING)

    with_desktop(use)


def test_the_language_is_chosen_and_taken_up_the_next_time(with_desktop) -> None:
    async def use(desktop: Desktop, engine: FakeEngine) -> None:
        desktop.settings.open_section("app")
        desktop.window.open_page(desktop.settings)
        box = part(desktop.settings, "languageChoice", QComboBox)
        await until(box.isVisible)
        later = part(desktop.settings, "languageLater")
        assert [box.itemText(row) for row in range(box.count())] == ["As the system", *LANGUAGES.values()]
        assert box.currentIndex() == 0
        assert not later.isVisible()
        QTest.keyClick(box, Qt.Key.Key_End)
        assert desktop.remembered.text(LANGUAGE) == "fr"
        assert later.isVisible()

    with_desktop(use)
