"""A text, or a list of texts, as OpenAI's clients send them."""

from collections.abc import Sequence
from typing import Any

from engine.api.sentences import said


def as_texts(value: Any) -> Any:
    """One text sent by itself is a list of one. Raises ValueError for token numbers."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence) and any(not isinstance(item, str) for item in value):
        raise ValueError(said("Potluck reads texts, not token numbers: send a text or a list of texts"))
    return value


def check_texts(texts: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The same. Raises ValueError for none, too many, or an empty one."""
    if not all(texts) or not 1 <= len(texts) <= most:
        raise ValueError(said("send 1 to {most} texts, none of them empty", most=most))
    return texts
