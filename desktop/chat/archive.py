"""Conversations as files: JSON with every branch, read back without loss; Markdown for people."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from PySide6.QtCore import QCoreApplication

from desktop.chat.records import Message, MessageState, NewAttachment, Setup
from desktop.chat.store import ChatStore
from desktop.sentences import in_words
from engine.api.complaints import first_complaint
from engine.api.schema import AnswerReport
from engine.errors import BadRequest, reason_of

translate = QCoreApplication.translate

MAX_FILE_BYTES = 512_000_000
MAX_TEXT = 10_000_000  # characters of one message
MAX_MESSAGES = 100_000
Title = Annotated[str, Field(max_length=1_000)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", allow_inf_nan=False
    )


class ArchivedFile(_Part):
    name: Title
    kind: Literal["image", "text"]
    format: Literal["png", "jpeg", "webp", "txt"]
    data: bytes
    thumbnail: bytes = b""


class ArchivedMessage(_Part):
    """`parent` and `sent_from` are places in the list of messages; a parent stands before what follows it."""

    parent: int | None
    role: Literal["user", "assistant"]
    content: str = Field(max_length=MAX_TEXT)
    state: MessageState
    reason: Title = ""
    model: Title = ""
    tokens: int | None = Field(default=None, ge=0)
    report: AnswerReport | None = None
    sent_from: int | None = None
    created_at: float
    attachments: tuple[ArchivedFile, ...] = ()


class ArchivedConversation(_Part):
    title: Title
    updated_at: float
    pinned: bool = False
    folder: Title = ""
    setup: Setup = Setup()
    shown: int | None  # place of the last message of the branch that is shown
    messages: tuple[ArchivedMessage, ...] = Field(max_length=MAX_MESSAGES)

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        for at, message in enumerate(self.messages):
            if any(not 0 <= place < at for place in (message.parent, message.sent_from) if place is not None):
                raise ValueError(translate("Archive", "a message names one before it that is not there"))
            if message.state is MessageState.STREAMING:
                raise ValueError(translate("Archive", "a message has not ended"))
        if self.shown is not None and not 0 <= self.shown < len(self.messages):
            raise ValueError(translate("Archive", "the message that is shown is not there"))
        return self


class Archive(_Part):
    format: Literal["potluck-conversations"] = "potluck-conversations"
    version: Literal[1] = 1
    conversations: tuple[ArchivedConversation, ...] = Field(min_length=1, max_length=100_000)


def archive_of(store: ChatStore, conversation_ids: Iterable[int]) -> Archive:
    return Archive(conversations=tuple(_archived(store, each) for each in conversation_ids))


def read_archive(path: Path) -> Archive:
    """Raises BadRequest with a sentence for people: nothing of a broken file is taken."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadRequest(
                translate("Archive", "{name} is too large to be a file of chats.").format(name=path.name)
            )
        return Archive.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadRequest(
            translate("Archive", "{name} cannot be read: {why}.").format(name=path.name, why=reason_of(error))
        ) from None
    except ValidationError as error:
        raise BadRequest(
            translate(
                "Archive", "{name} is no whole file of Potluck's chats ({why}). Nothing was imported."
            ).format(name=path.name, why=in_words(first_complaint(error, "")))
        ) from None


def put_into(store: ChatStore, archive: Archive) -> list[int]:
    """All conversations of the archive as new ones, or none; their ids."""
    with store.at_once():
        return [_put(store, each) for each in archive.conversations]


def markdown_of(title: str, branch: Sequence[Message]) -> str:
    """One conversation as it is shown, under a heading of its own for each turn."""
    parts = [f"# {title}"]
    for message in branch:
        who = (
            translate("Archive", "You")
            if message.role == "user"
            else message.model or translate("Archive", "Answer")
        )
        files = [
            f"*{translate('Archive', 'Attached: {name}').format(name=each.name)}*"
            for each in message.attachments
        ]
        parts += [f"## {who}", *files, message.content.strip()]
    return "\n\n".join(part for part in parts if part) + "\n"


def _archived(store: ChatStore, conversation_id: int) -> ArchivedConversation:
    conversation = store.conversation(conversation_id)
    assert conversation is not None
    messages = store.tree(conversation_id)
    places = {message.id: at for at, message in enumerate(messages)}
    shown = [places[each.id] for each in store.branch(conversation_id) if each.id in places]
    return ArchivedConversation(
        title=conversation.title,
        updated_at=conversation.updated_at,
        pinned=conversation.pinned,
        folder=conversation.folder,
        setup=store.setup(conversation_id),
        shown=shown[-1] if shown else None,
        messages=tuple(_archived_message(store, message, places) for message in messages),
    )


def _archived_message(store: ChatStore, message: Message, places: dict[int, int]) -> ArchivedMessage:
    return ArchivedMessage(
        parent=None if message.parent_id is None else places[message.parent_id],
        role="user" if message.role == "user" else "assistant",
        content=message.content,
        state=MessageState.STOPPED if message.state is MessageState.STREAMING else message.state,
        reason=message.reason,
        model=message.model,
        tokens=message.tokens,
        report=message.report,
        sent_from=places.get(message.sent_from) if message.sent_from is not None else None,
        created_at=message.created_at,
        attachments=tuple(
            ArchivedFile.model_validate(
                {
                    "name": each.name,
                    "kind": each.kind,
                    "format": each.format,
                    "data": store.attachments.data(each.id),
                    "thumbnail": each.thumbnail,
                }
            )
            for each in message.attachments
        ),
    )


def _put(store: ChatStore, archived: ArchivedConversation) -> int:
    conversation_id = store.create(archived.title, archived.setup)
    store.pin([conversation_id], archived.pinned)
    store.put_into([conversation_id], archived.folder)
    here = store.put_tree(conversation_id, [_message(at, each) for at, each in enumerate(archived.messages)])
    for at, message in enumerate(archived.messages):
        for file in message.attachments:
            store.attachments.add_to_message(
                here[at], NewAttachment(file.name, file.kind, file.format, file.data, file.thumbnail)
            )
    leaf = None if archived.shown is None else here[archived.shown]
    store.set_leaf(conversation_id, leaf, archived.updated_at)
    return conversation_id


def _message(at: int, archived: ArchivedMessage) -> Message:
    return Message(
        id=at,
        conversation_id=0,
        parent_id=archived.parent,
        role=archived.role,
        content=archived.content,
        state=archived.state,
        reason=archived.reason,
        model=archived.model,
        tokens=archived.tokens,
        report=archived.report,
        sent_from=archived.sent_from,
        created_at=archived.created_at,
    )
