"""What the store keeps beside messages: attached files and presets."""

import sqlite3
from collections.abc import Iterable, Mapping

from desktop.chat.records import Attachment, NewAttachment, Setup

_ATTACHMENT = "SELECT id, name, kind, format, length(data), thumbnail FROM attachment"


class AttachmentShelf:
    """Files of drafts and of messages. A draft's conversation is None while it has not begun."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def of_messages(self, message_ids: Iterable[int]) -> Mapping[int, tuple[Attachment, ...]]:
        """Those that have any."""
        ids = list(message_ids)
        if not ids:
            return {}
        lo, hi = min(ids), max(ids)
        query = _ATTACHMENT.replace("SELECT", "SELECT message_id,", 1)
        found: dict[int, tuple[Attachment, ...]] = {}
        for at, *row in self._db.execute(f"{query} WHERE message_id BETWEEN ? AND ? ORDER BY id", (lo, hi)):
            found[at] = (*found.get(at, ()), Attachment(*row))
        return {at: found[at] for at in found.keys() & set(ids)}

    def of_draft(self, conversation_id: int | None) -> tuple[Attachment, ...]:
        rows = self._db.execute(f"{_ATTACHMENT} WHERE draft_of = ? ORDER BY id", (conversation_id or 0,))
        return tuple(Attachment(*row) for row in rows)

    def data(self, attachment_id: int) -> bytes:
        row = self._db.execute("SELECT data FROM attachment WHERE id = ?", (attachment_id,)).fetchone()
        return bytes(row[0])

    def add_to_draft(self, conversation_id: int | None, new: NewAttachment) -> None:
        self._add(None, conversation_id or 0, new)

    def add_to_message(self, message_id: int, new: NewAttachment) -> None:
        self._add(message_id, None, new)

    def remove(self, attachment_id: int) -> None:
        self._db.execute("DELETE FROM attachment WHERE id = ?", (attachment_id,))

    def send_draft(self, conversation_id: int | None, message_id: int) -> None:
        """What was attached to the draft belongs to the message from now on."""
        self._db.execute(
            "UPDATE attachment SET message_id = ?, draft_of = NULL WHERE draft_of = ?",
            (message_id, conversation_id or 0),
        )

    def copy(self, from_message: int, to_message: int) -> None:
        self._db.execute(
            "INSERT INTO attachment(message_id, name, kind, format, data, thumbnail) "
            "SELECT ?, name, kind, format, data, thumbnail FROM attachment WHERE message_id = ? ORDER BY id",
            (to_message, from_message),
        )

    def _add(self, message_id: int | None, draft_of: int | None, new: NewAttachment) -> None:
        self._db.execute(
            "INSERT INTO attachment(message_id, draft_of, name, kind, format, data, thumbnail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (message_id, draft_of, new.name, new.kind, new.format, new.data, new.thumbnail),
        )


class Presets:
    """Setups with a name, in the order of their names."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self) -> Mapping[str, Setup]:
        rows = self._db.execute("SELECT name, setup FROM preset ORDER BY name COLLATE NOCASE")
        return {name: Setup.model_validate_json(setup) for name, setup in rows}

    def keep(self, name: str, setup: Setup) -> None:
        self._db.execute("INSERT OR REPLACE INTO preset VALUES (?, ?)", (name, setup.to_json()))

    def remove(self, name: str) -> None:
        self._db.execute("DELETE FROM preset WHERE name = ?", (name,))
