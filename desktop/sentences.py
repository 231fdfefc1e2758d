"""What the engine says, in the owner's language: templates translated, values as they are written here."""

from PySide6.QtCore import QCoreApplication, QLocale, Qt

from desktop.figures import bytes_in_words, shortest
from engine.api.sentences import Sentence, Value, Writer, has_words

_MOST = 2**31 - 1  # that Qt counts to
_APART = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


def in_words(sentence: str) -> str:
    """English where the sentence is of an engine that knows others than this window, or of no engine."""
    if not isinstance(sentence, Sentence) or not sentence.template:
        return sentence[:]
    count = sentence.values.get("n")
    n = min(count, _MOST) if isinstance(count, int) else -1
    said = (QCoreApplication.translate(context, sentence.template, "", n) for context in ("Said", "Declared"))
    translated = next((text for text in said if text != sentence.template), sentence.template)
    if translated == sentence.template and has_words(translated):
        return sentence[:]
    try:
        return _HERE.vformat(translated, (), sentence.values)
    except (KeyError, TypeError, ValueError):
        return sentence[:]


class _Here(Writer):
    """As people write where the owner lives."""

    def plain(self, value: Value) -> str:
        if isinstance(value, str):
            return _apart(in_words(value))
        return shortest(value) if isinstance(value, float) else str(value)

    def size(self, value: float) -> str:
        return bytes_in_words(round(value))

    def number(self, value: float) -> str:
        return shortest(value)

    def clock(self, value: str) -> str:
        day, _, time = value.rpartition(" ")
        return f"{QLocale().dayName(int(day) + 1)} {time}" if day else time


def _apart(text: str) -> str:
    """A name or a path within a text that runs from right to left keeps its own direction."""
    rightwards = QLocale().textDirection() is Qt.LayoutDirection.LeftToRight
    return text if rightwards else _APART.format(text)


_HERE = _Here()
