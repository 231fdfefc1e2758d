"""What the chat keeps, as plain data. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.api.schema import AnswerReport

LONGEST_SYSTEM_PROMPT = 100_000  # characters


class MessageState(StrEnum):
    DONE = "done"
    STREAMING = "streaming"
    STOPPED = "stopped"  # by the user
    CUT = "cut"  # by the length limit
    CLOSED = "closed"  # by the end of Potluck, while it was written
    BROKEN = "broken"  # by a failure; `reason` says which


class Setup(BaseModel):
    """How a chat's answers are asked for. None: as the model's own settings have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(default="", max_length=LONGEST_SYSTEM_PROMPT)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    max_tokens: int | None = Field(default=None, ge=1, le=10_000_000)

    def to_json(self) -> str:
        return self.model_dump_json(exclude_defaults=True)


AttachmentKind = Literal["image", "text"]


@dataclass(frozen=True)
class NewAttachment:
    """A file that was read and found good. `format` is png, jpeg or webp; of a text, txt."""

    name: str
    kind: AttachmentKind
    format: str
    data: bytes  # of a text: UTF-8
    thumbnail: bytes = b""  # a small PNG of a picture


@dataclass(frozen=True)
class Attachment:
    """A kept file; its data is asked for when it is needed."""

    id: int
    name: str
    kind: AttachmentKind
    format: str
    size: int  # bytes
    thumbnail: bytes


@dataclass(frozen=True)
class Message:
    id: int
    conversation_id: int
    parent_id: int | None
    role: str
    content: str
    state: MessageState
    reason: str
    model: str
    tokens: int | None
    report: AnswerReport | None
    sent_from: int | None = None  # of an answer: the first message that went along; None: all that led to it
    created_at: float = 0.0  # Unix time, seconds
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Conversation:
    id: int
    title: str
    updated_at: float  # Unix time, seconds
    pinned: bool = False
    folder: str = ""
