"""Sentences that the engine composes: finished in English, and as what a client needs to say them otherwise.

A `Sentence` is a text. One that `said` or `counted` made also knows its template, which stands in code and
is therefore known to translators, and its values. The command line, logs and OpenAI's clients take the text;
a window writes the template in its owner's language, and the values as they are written there. What is
composed of a sentence otherwise is an ordinary text again. Texts of strangers and of libraries are values.

What stands behind a value's name in a template says how it is written: `{free:bytes}`. See `Writer`.
"""

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, SerializationInfo, ValidationError
from pydantic_core import CoreSchema, core_schema

from engine.byte_sizes import size_in_words

MAX_TEXT = 20_000  # characters
MAX_TEMPLATE = 2_000
MAX_VALUES = 20
WITH_TEMPLATES = {"templates": True}  # pydantic's context for who writes to another process of Potluck's

Value = str | int | float  # a text may be a Sentence
_VALUE = re.compile(r"\{[^{}]*\}")  # in a template


class Sentence(str):
    """English, and what it was made of; `template` is empty where that is not known."""

    template: str
    values: Mapping[str, Value]

    def __new__(cls, text: str, template: str = "", values: Mapping[str, Value] | None = None) -> "Sentence":
        sentence = super().__new__(cls, text)
        sentence.template, sentence.values = template, MappingProxyType(dict(values or {}))
        return sentence

    def __str__(self) -> str:
        """Itself: so `str(error)` knows the template, too."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self[:], self.template, dict(self.values))


class Writer(Formatter):
    """Fills templates in, in English. Raises KeyError, TypeError and ValueError where values do not fit.

    Kinds: `bytes`, a size; `number`, with as many digits as it needs; `clock`, a time such as “18:00” or, on
    another day, “0 18:00” (0 is Monday). And of a text within another one: `clause`, without its full stop;
    `continued`, also without a capital at its beginning, unless its first word has others; `opening`, with
    one.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "":
                return self.plain(value)
            case "bytes":
                return self.size(value)
            case "number":
                return self.number(value)
            case "clock":
                return self.clock(value)
            case "clause":
                return self.plain(value).rstrip(".")
            case "continued":
                return _continued(self.plain(value)).rstrip(".")
            case "opening":
                text = self.plain(value)
                return text[:1].upper() + text[1:]
        raise ValueError(f"“{format_spec}” is no way to write a value")

    def plain(self, value: Value) -> str:
        return f"{value}"

    def size(self, value: float) -> str:
        return size_in_words(value)

    def number(self, value: float) -> str:
        return f"{value:g}"

    def clock(self, value: str) -> str:
        day, _, time = value.rpartition(" ")
        return f"{_DAYS[int(day)]} {time}" if day else time


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENGLISH = Writer()


def _continued(text: str) -> str:
    first = text.partition(" ")[0]
    return first[:1].lower() + text[1:] if first[1:].islower() else text


def said(template: str, /, **values: object) -> Sentence:
    """A sentence from its template, which has to stand right here for translators, and its values."""
    return filled(template, {name: _value(value) for name, value in values.items()})


def filled(template: str, values: Mapping[str, Value]) -> Sentence:
    """The same from a template of a table that translators know."""
    return Sentence(ENGLISH.vformat(template, (), values), template, values)


def counted(one: str, many: str, /, n: int, **values: object) -> Sentence:
    """The same of a number of things; other languages have other forms for other numbers."""
    known = {"n": int(n), **{name: _value(value) for name, value in values.items()}}
    return Sentence(ENGLISH.format(one if n == 1 else many, **known), many, known)


def either(texts: Sequence[str]) -> str:
    """“a”, “a or b”, “a or b or c”."""
    *others, last = texts
    return said("{others} or {last}", others=either(others), last=last) if others else last


def both(texts: Sequence[str]) -> str:
    """“a”, “a and b”, “a and b and c”."""
    *others, last = texts
    return said("{others} and {last}", others=both(others), last=last) if others else last


def listed(texts: Sequence[str]) -> str:
    """“a”, “a and b”, “a, b and c”."""
    *others, last = texts
    return said("{others} and {last}", others=joined(others, ", "), last=last) if others else last


def joined(texts: Sequence[str], separator: str = " ") -> str:
    """One after another, with no word between them."""
    names = {f"text{at}": text for at, text in enumerate(texts)}
    return filled(separator.join(f"{{{name}}}" for name in names), names)


def has_words(template: str) -> bool:
    """Which translators write anew; else it joins what is said already."""
    return any(sign.isalpha() for sign in _VALUE.sub("", template))


def _value(value: object) -> Value:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else str(value)


# --- over the wire


class _Sent(BaseModel):
    """A sentence as another process of Potluck's writes it."""

    model_config = ConfigDict(strict=True)

    text: str = Field(max_length=MAX_TEXT)
    template: str = Field(max_length=MAX_TEMPLATE)
    values: dict[str, "Said | int | float"] = Field(default_factory=dict, max_length=MAX_VALUES)


class _AsSentence:
    """Reads a plain text, or one with its template; writes the latter only to who asks for it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(_written, info_arg=True, when_used="json")
        return core_schema.no_info_plain_validator_function(_read, serialization=written)


Said = Annotated[str, _AsSentence()]  # the type of a field that holds a sentence


def _read(value: object) -> Sentence:
    """What a newer engine may say of the template and its values, and is not understood, is passed over."""
    if isinstance(value, Sentence):
        return value
    if isinstance(value, str):
        return Sentence(value)
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        raise ValueError("a sentence is a text, alone or with its template and its values")
    try:
        sent = _Sent.model_validate(value)
    except ValidationError:
        return Sentence(value["text"][:MAX_TEXT])
    return Sentence(sent.text, sent.template, sent.values)


def _written(text: str, info: SerializationInfo) -> Any:
    known = info.context is not None and "templates" in info.context
    if not known or not isinstance(text, Sentence) or not text.template:
        return text[:]
    values = {
        name: _written(value, info) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return {"text": text[:], "template": text.template, "values": values}
