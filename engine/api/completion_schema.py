"""OpenAI's words for texts that go on as they begin, without a chat's template.

POST /v1/completions  CompletionRequest  -> Completion, or a stream of Completion then `[DONE]`
"""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from engine.api.base import Schema
from engine.api.content import MAX_TEXT
from engine.api.openai_schema import AnswerRequest, ChatRequest, FinishReason, Usage
from engine.api.schema import AnswerReport
from engine.api.texts import as_texts, check_texts

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
        return as_texts(value)

    @field_validator("prompt")
    @classmethod
    def _are_some(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return check_texts(texts, MAX_PROMPTS)

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
