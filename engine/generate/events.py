"""What a reply yields while it is made, and what embedding texts gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.api.openai_schema import FinishReason
from engine.api.schema import AnswerReport, AnswerStatus


@dataclass(frozen=True)
class TextPiece:
    """New text, in order. Never splits a character."""

    text: str
    tokens: int  # generated so far, this piece included
    status: AnswerStatus | None = None  # told beside the text, which is empty then
    report: AnswerReport | None = None  # of the answer so far


@dataclass(frozen=True)
class Finished:
    """The last event of a reply that came to its end."""

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    report: AnswerReport


ReplyEvent = TextPiece | Finished


@dataclass(frozen=True)
class Embeddings:
    """One vector for each text, in their order: plain floats, all of one length."""

    vectors: Sequence[Sequence[float]]
    prompt_tokens: int  # of all texts together
