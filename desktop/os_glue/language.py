"""In which language the window speaks: the owner's choice, or the system's."""

from collections.abc import Iterable
from importlib.resources import files

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

LANGUAGE = "appearance/language"  # under which the choice is remembered
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français"}  # each in its own words


def language_of(chosen: str, system: Iterable[str]) -> str:
    """A key of `LANGUAGES`. `system`: what the system wants, best first, such as “de-CH”."""
    wanted = (chosen, *(name.replace("_", "-").partition("-")[0].lower() for name in system))
    return next((code for code in wanted if code in LANGUAGES), ENGLISH)


def locale_of(language: str, system: QLocale) -> QLocale:
    """How numbers and dates are written in a language, where the user lives."""
    code = QLocale.codeToLanguage(language)
    return system if system.language() is code else QLocale(code, system.territory())


def speak(app: QCoreApplication, chosen: str) -> None:
    """Every text that is made from now on, Qt's own ones too.

    `chosen`: a key of `LANGUAGES`; anything else means the system's.
    """
    system = QLocale.system()
    language = language_of(chosen, system.uiLanguages())
    QLocale.setDefault(locale_of(language, system))
    if language == ENGLISH:
        return
    own = str(files("resources") / "translations")
    of_qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in ((f"qtbase_{language}", of_qt), (f"potluck_{language}", own)):
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)
