"""OpenAI's words for texts that go on as they begin, without a chat's template.

POST /v1/completions  CompletionRequest  -> Completion, or a stream of Completion then `[DONE]`
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from engine.api.base import Schema
from engine.api.content import MAX_TEXT
from engine.api.openai_schema import AnswerRequest, ChatRequest, FinishReason, Usage
from engine.api.schema import AnswerReport

MAX_PROMPTS = 64  # in one request
USUAL_TOKENS = 16  # OpenAI's own default for completions

PromptText = Annotated[str, Field(max_length=MAX_TEXT)]


class CompletionRequest(AnswerRequest):
    """Texts to go on with; one text may be sent by itself."""

    prompt: tuple[PromptText, ...]
    max_tokens: int | None = Field(default=USUAL_TOKENS, ge=1)
    echo: bool = False  # the prompt before what follows it

    @field_validator("prompt", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        if isinstance(value, str):
            return (value,)
        if isinstance(value, Sequence) and any(not isinstance(item, str) for item in value):
            raise ValueError("Potluck reads texts, not token numbers: send a text or a list of texts")
        return value

    @field_validator("prompt")
    @classmethod
    def _are_some(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(texts) or not 1 <= len(texts) <= MAX_PROMPTS:
            raise ValueError(f"send 1 to {MAX_PROMPTS} texts, none of them empty")
        return texts

    def alone(self, prompt: str) -> "CompletionRequest":
        """The same for one of its texts."""
        return self.model_copy(update={"prompt": (prompt,)})


class CompletionChoice(Schema):
    index: int
    text: str
    finish_reason: FinishReason | None = None
    logprobs: None = None


class Completion(Schema):
    """A whole one, or a piece of one in a stream."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: tuple[CompletionChoice, ...]
    usage: Usage | None = None
    potluck: AnswerReport | None = None  # of the last text


ReplyRequest = ChatRequest | CompletionRequest
