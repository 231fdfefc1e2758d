"""What is wrong with a value that was sent, in words that a window can say in its owner's language. Pure.

The words go by the code of pydantic's complaint and by its context, never by pydantic's own English.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from engine.api.sentences import Sentence, counted, said

MOST_PLACE = 120  # characters
MOST_TAG = 40

Context = Mapping[str, Any]


def first_complaint(error: ValidationError, whole: str) -> Sentence:
    """The first one, with its place: the end of a sentence. `whole` names what all of it is, if it has to."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])[:MOST_PLACE]
    what = complaint(first["type"], first.get("ctx", {}))
    if not (place or whole):
        return said("{complaint:clause}", complaint=what)
    return said("{place}: {complaint:clause}", place=place or whole, complaint=what)


def complaint(code: str, context: Context) -> str:
    """A clause. Own validators raise ValueError with one; it is a template where they use `said`."""
    found = _SAID.get(code)
    if found is not None:
        return found(context)
    if code == "value_error":
        return str(context["error"])
    kind, _, fault = code.rpartition("_")
    if fault in ("type", "parsing") and kind in _KINDS:
        return _KINDS[kind]()
    return said("this value does not fit here")


_KINDS: Mapping[str, Callable[[], str]] = {
    "string": lambda: said("this has to be text"),
    "bytes": lambda: said("this has to be text"),
    "int": lambda: said("this has to be a whole number"),
    "float": lambda: said("this has to be a number"),
    "bool": lambda: said("this has to be true or false"),
    "list": lambda: said("this has to be a list"),
    "tuple": lambda: said("this has to be a list"),
    "set": lambda: said("this has to be a list"),
    "frozen_set": lambda: said("this has to be a list"),
    "dict": lambda: said("this has to be an object with named values"),
    "mapping": lambda: said("this has to be an object with named values"),
    "model": lambda: said("this has to be an object with named values"),
    "model_attributes": lambda: said("this has to be an object with named values"),
    "dataclass": lambda: said("this has to be an object with named values"),
}


def _no_json(given: Context) -> str:
    where = re.search(r"line (\d+) column (\d+)", given["error"])
    if where is None:
        return said("this is no JSON")
    return said("this is no JSON at line {line}, column {column}", line=int(where[1]), column=int(where[2]))


def _one_of(given: Context) -> str:
    return said("this is one of {expected}", expected=_unquoted(given["expected"]))


def _one_of_tags(given: Context) -> str:
    return said(
        "“{name}” is one of {expected}, not “{tag}”",
        name=_unquoted(given["discriminator"]),
        tag=str(given["tag"])[:MOST_TAG],
        expected=_unquoted(given["expected_tags"]),
    )


def _unquoted(names: str) -> str:
    """`'a', 'b' or 'c'` without what its English joins."""
    return names.replace("'", "").replace(" or ", ", ")


_SAID: Mapping[str, Callable[[Context], str]] = {
    "missing": lambda _: said("this is missing"),
    "extra_forbidden": lambda _: said("nothing of this name is known here"),
    "json_invalid": _no_json,
    "int_from_float": lambda _: said("this has to be a whole number"),
    "finite_number": lambda _: said("this has to be a finite number"),
    "greater_than": lambda given: said("this has to be more than {limit:number}", limit=given["gt"]),
    "greater_than_equal": lambda given: said("this has to be {limit:number} at least", limit=given["ge"]),
    "less_than": lambda given: said("this has to be less than {limit:number}", limit=given["lt"]),
    "less_than_equal": lambda given: said("this may be {limit:number} at most", limit=given["le"]),
    "string_too_short": lambda given: counted(
        "this has to have {n} character at least",
        "this has to have {n} characters at least",
        given["min_length"],
    ),
    "string_too_long": lambda given: counted(
        "this may have {n} character at most", "this may have {n} characters at most", given["max_length"]
    ),
    "bytes_too_long": lambda given: said("this may have {size:bytes} at most", size=given["max_length"]),
    "too_short": lambda given: counted(
        "this has to have {n} entry at least", "this has to have {n} entries at least", given["min_length"]
    ),
    "too_long": lambda given: counted(
        "this may have {n} entry at most", "this may have {n} entries at most", given["max_length"]
    ),
    "string_pattern_mismatch": lambda _: said("this is not written as it has to be"),
    "literal_error": _one_of,
    "enum": _one_of,
    "union_tag_invalid": _one_of_tags,
    "union_tag_not_found": lambda given: said(
        "“{name}” has to say what it is", name=_unquoted(given["discriminator"])
    ),
}
