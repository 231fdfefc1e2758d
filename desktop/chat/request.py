"""What is sent to the engine for an answer. Pure, but for the data of attached files, which is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication

from desktop.chat.records import Attachment, Message, Setup
from engine.api.content import ChatImage
from engine.api.demands import Demands
from engine.api.openai_schema import ChatMessage, ChatRequest, StreamOptions
from engine.errors import BadRequest

translate = QCoreApplication.translate

ReadFile = Callable[[int], bytes]  # an attachment's id to its data


@dataclass(frozen=True)
class Turn:
    """What one side said before the other spoke again. `first_id`: the message that it begins with."""

    said: ChatMessage
    first_id: int


def still_sent(messages: Sequence[Message], model: str) -> Sequence[Message]:
    """Without what the last answer of this model was made without: what is left out once stays out."""
    last = next((each for each in reversed(messages) if each.model == model and each.report), None)
    start = last.sent_from if last else None
    at = next((at for at, each in enumerate(messages) if each.id == start), 0)
    return messages[at:]


def turns(messages: Sequence[Message], read_file: ReadFile) -> list[Turn]:
    """User and assistant in turn: answers that never began are left out, neighbouring questions joined.

    Raises BadRequest where something is beyond what the engine takes.
    """
    said: list[Turn] = []
    try:
        for message in messages:
            one = _said(message, read_file)
            if not one.content and not one.images:
                continue
            if said and said[-1].said.role == one.role:
                said[-1] = Turn(_joined(said[-1].said, one), said[-1].first_id)
            else:
                said.append(Turn(one, message.id))
    except ValidationError:
        raise _too_long() from None
    return said


def make_request(model: str, said: Sequence[Turn], setup: Setup, *, go_on: bool = False) -> ChatRequest:
    """The conversation as the engine reads it. Raises BadRequest: too long."""
    system = [ChatMessage(role="system", content=setup.system)] if setup.system.strip() else []
    try:
        return ChatRequest(
            model=model,
            messages=(*system, *(turn.said for turn in said)),
            stream=True,
            stream_options=StreamOptions(include_usage=True),
            temperature=setup.temperature,
            top_p=setup.top_p,
            seed=setup.seed,
            max_tokens=setup.max_tokens,
            potluck=Demands(fit=True, go_on=go_on, tell_repairs=True),
        )
    except ValidationError:
        raise _too_long() from None


def sent_from(whole: Sequence[Message], said: Sequence[Turn], left_out: int) -> int | None:
    """The first message that went along, if any did not."""
    if not said or left_out >= len(said):
        return None
    first = said[left_out].first_id
    return None if left_out == 0 and whole[0].id == first else first


def _said(message: Message, read_file: ReadFile) -> ChatMessage:
    if message.role != "user":
        return ChatMessage(role="assistant", content=message.content.rstrip())
    texts = [_as_text(file, read_file(file.id)) for file in message.attachments if file.kind == "text"]
    images = tuple(
        ChatImage.model_validate({"format": file.format, "data": read_file(file.id), "at": 0})
        for file in message.attachments
        if file.kind == "image"
    )
    parts = [part for part in (*texts, message.content) if part]
    return ChatMessage(role="user", content="\n\n".join(parts), images=images)


def _as_text(file: Attachment, data: bytes) -> str:
    """A text file as the model reads it: its name, and a fence longer than any in it."""
    text = data.decode("utf-8", "replace").rstrip("\n")
    fence = "`" * 3
    while fence in text:
        fence += "`"
    return f"File “{file.name}”:\n{fence}\n{text}\n{fence}"


def _joined(first: ChatMessage, second: ChatMessage) -> ChatMessage:
    before = f"{first.content}\n\n" if first.content else ""
    moved = (image.model_copy(update={"at": image.at + len(before)}) for image in second.images)
    return ChatMessage(role=first.role, content=before + second.content, images=(*first.images, *moved))


def _too_long() -> BadRequest:
    return BadRequest(translate("Chat", "The chat is too long to be sent: begin a new one."))
