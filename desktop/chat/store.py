"""Conversations on disk: a tree of messages per conversation, saved while an answer streams.

Regenerating adds a sibling answer and editing a sibling question, so nothing is overwritten. Each save is one
committed statement in SQLite's write-ahead log: what was saved outlives a killed process.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from desktop.chat.database import open_database, transaction
from desktop.chat.records import Attachment, Conversation, Message, MessageState, Setup
from desktop.chat.search import Found, search
from desktop.chat.shelves import AttachmentShelf, Presets
from engine.api.schema import AnswerReport

_ANCESTORS = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM message WHERE id = ?
    UNION ALL
    SELECT message.id, message.parent_id, depth + 1 FROM message JOIN branch ON message.id = branch.parent_id
)
SELECT message.* FROM message JOIN branch USING (id) ORDER BY depth DESC
"""

_YOUNGEST_LEAF = """
WITH RECURSIVE under(id) AS (
    SELECT ?
    UNION ALL
    SELECT (SELECT max(id) FROM message WHERE parent_id = under.id) FROM under WHERE under.id IS NOT NULL
)
SELECT max(id) FROM under
"""


class ChatStore:
    """One writer, on one thread.

    `broken_off` is the conversation whose answer was under way when Potluck last ended, be it by Quit or by a
    crash.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_database(path)
        self.attachments = AttachmentShelf(self._db)
        self.presets = Presets(self._db)
        self.broken_off = self._recover()

    def close(self) -> None:
        self._db.close()

    # --- conversations

    def conversations(self) -> list[Conversation]:
        """Latest first."""
        rows = self._db.execute(
            "SELECT id, title, updated_at, pinned, folder FROM conversation WHERE deleted_at IS NULL "
            "ORDER BY updated_at DESC, id DESC"
        )
        return [_conversation(row) for row in rows]

    def conversation(self, conversation_id: int) -> Conversation | None:
        row = self._db.execute(
            "SELECT id, title, updated_at, pinned, folder FROM conversation WHERE id = ?", (conversation_id,)
        ).fetchone()
        return _conversation(row) if row else None

    def search(self, text: str) -> list[Found]:
        """Conversations whose title or messages hold all words that begin so."""
        return search(self._db, text)

    def title(self, conversation_id: int) -> str:
        conversation = self.conversation(conversation_id)
        return conversation.title if conversation else ""

    def folders(self) -> list[str]:
        """Names of all that hold a conversation."""
        rows = self._db.execute(
            "SELECT DISTINCT folder FROM conversation WHERE folder != '' AND deleted_at IS NULL "
            "ORDER BY folder COLLATE NOCASE"
        )
        return [row[0] for row in rows]

    def create(self, title: str, setup: Setup | None = None) -> int:
        cursor = self._db.execute(
            "INSERT INTO conversation(title, updated_at, setup) VALUES (?, ?, ?)",
            (title, time.time(), (setup or Setup()).to_json()),
        )
        return int(cursor.lastrowid or 0)

    def rename(self, conversation_id: int, title: str) -> None:
        self._db.execute("UPDATE conversation SET title = ? WHERE id = ?", (title, conversation_id))

    def pin(self, conversation_ids: Iterable[int], pinned: bool) -> None:
        self._db.executemany(
            "UPDATE conversation SET pinned = ? WHERE id = ?", [(pinned, each) for each in conversation_ids]
        )

    def put_into(self, conversation_ids: Iterable[int], folder: str) -> None:
        """Empty: into none."""
        self._db.executemany(
            "UPDATE conversation SET folder = ? WHERE id = ?", [(folder, each) for each in conversation_ids]
        )

    def delete(self, *conversation_ids: int) -> None:
        """Out of sight; `restore` brings them back until `purge`."""
        now = time.time()
        self._db.executemany(
            "UPDATE conversation SET deleted_at = ? WHERE id = ?", [(now, each) for each in conversation_ids]
        )

    def restore(self, *conversation_ids: int) -> None:
        self._db.executemany(
            "UPDATE conversation SET deleted_at = NULL WHERE id = ?", [(each,) for each in conversation_ids]
        )

    def purge(self, conversation_ids: Iterable[int]) -> None:
        """Take these off the disk if they were deleted."""
        with transaction(self._db):
            gone = self._db.executemany(
                "DELETE FROM conversation WHERE id = ? AND deleted_at IS NOT NULL",
                [(each,) for each in conversation_ids],
            ).rowcount
            kept = "(SELECT id FROM conversation UNION SELECT 0)"
            self._db.execute(f"DELETE FROM draft WHERE conversation_id NOT IN {kept}")
            self._db.execute(f"DELETE FROM attachment WHERE draft_of NOT IN {kept}")
            if gone > 0:  # the index only marks words as gone until its parts are merged
                self._db.execute("INSERT INTO message_words(message_words) VALUES ('optimize')")

    # --- what was typed and not sent, and how it is to be answered. None: a conversation that has not begun

    def draft(self, conversation_id: int | None) -> str:
        row = self._db.execute(
            "SELECT content FROM draft WHERE conversation_id = ?", (conversation_id or 0,)
        ).fetchone()
        return row[0] if row else ""

    def keep_draft(self, conversation_id: int | None, text: str) -> None:
        self._db.execute(
            "INSERT INTO draft(conversation_id, content) VALUES (?1, ?2) "
            "ON CONFLICT(conversation_id) DO UPDATE SET content = ?2",
            (conversation_id or 0, text),
        )

    def setup(self, conversation_id: int | None) -> Setup:
        row = self._db.execute(
            "SELECT setup FROM conversation WHERE id = ?1 "
            "UNION ALL SELECT setup FROM draft WHERE conversation_id = 0 AND ?1 IS NULL",
            (conversation_id,),
        ).fetchone()
        return Setup.model_validate_json(row[0]) if row else Setup()

    def keep_setup(self, conversation_id: int | None, setup: Setup) -> None:
        if conversation_id is not None:
            self._db.execute(
                "UPDATE conversation SET setup = ? WHERE id = ?", (setup.to_json(), conversation_id)
            )
            return
        self._db.execute(
            "INSERT INTO draft(conversation_id, content, setup) VALUES (0, '', ?1) "
            "ON CONFLICT(conversation_id) DO UPDATE SET setup = ?1",
            (setup.to_json(),),
        )

    # --- messages

    def branch(self, conversation_id: int) -> list[Message]:
        """The messages that are shown, first to last."""
        leaf = self.leaf(conversation_id)
        return self.up_to(leaf) if leaf else []

    def leaf(self, conversation_id: int) -> int | None:
        """The last message that is shown."""
        row = self._db.execute("SELECT leaf_id FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
        return row[0] if row else None

    def up_to(self, message_id: int) -> list[Message]:
        """The message with all that led to it, first to last."""
        return self._messages(self._db.execute(_ANCESTORS, (message_id,)))

    def tree(self, conversation_id: int) -> list[Message]:
        """Every message of every branch; parents before what followed them."""
        rows = self._db.execute(
            "SELECT * FROM message WHERE conversation_id = ? ORDER BY id", (conversation_id,)
        )
        return self._messages(rows)

    def message(self, message_id: int) -> Message:
        return self._messages(self._db.execute("SELECT * FROM message WHERE id = ?", (message_id,)))[0]

    def siblings(self, message_id: int) -> list[int]:
        """The message and its alternatives, oldest first."""
        rows = self._db.execute(
            "SELECT other.id FROM message JOIN message AS other "
            "ON other.conversation_id = message.conversation_id AND other.parent_id IS message.parent_id "
            "WHERE message.id = ? ORDER BY other.id",
            (message_id,),
        )
        return [row[0] for row in rows]

    def all_siblings(self, conversation_id: int) -> Mapping[int, list[int]]:
        """Of each message of a conversation, itself and its alternatives, oldest first."""
        rows = self._db.execute(
            "SELECT id, parent_id FROM message WHERE conversation_id = ? ORDER BY id", (conversation_id,)
        ).fetchall()
        families: dict[int | None, list[int]] = {}
        for message_id, parent_id in rows:
            families.setdefault(parent_id, []).append(message_id)
        return {message_id: families[parent_id] for message_id, parent_id in rows}

    def show_branch_of(self, message_id: int) -> None:
        """Let the conversation show this message and the latest that followed it."""
        leaf = self._db.execute(_YOUNGEST_LEAF, (message_id,)).fetchone()[0]
        self._db.execute(
            "UPDATE conversation SET leaf_id = ? "
            "WHERE id = (SELECT conversation_id FROM message WHERE id = ?)",
            (leaf, message_id),
        )

    def add_question(self, conversation_id: int, parent_id: int | None, text: str) -> int:
        return self._add(conversation_id, parent_id, "user", text, MessageState.DONE, "")

    def begin_answer(self, question_id: int, model: str) -> int:
        conversation_id = self.message(question_id).conversation_id
        return self._add(conversation_id, question_id, "assistant", "", MessageState.STREAMING, model)

    def go_on_with(self, message_id: int) -> None:
        """An answer that had ended streams again."""
        self._db.execute(
            "UPDATE message SET state = ?, reason = '' WHERE id = ?", (MessageState.STREAMING, message_id)
        )

    def save_text(self, message_id: int, text: str) -> None:
        """What has arrived of an answer so far."""
        self._db.execute("UPDATE message SET content = ? WHERE id = ?", (text, message_id))

    def end_answer(
        self,
        message_id: int,
        text: str,
        state: MessageState,
        reason: str = "",
        tokens: int | None = None,
        report: AnswerReport | None = None,
        sent_from: int | None = None,
    ) -> None:
        packed = report.model_dump_json() if report else None
        self._db.execute(
            "UPDATE message SET content = ?, state = ?, reason = ?, tokens = ?, report = ?, sent_from = ? "
            "WHERE id = ?",
            (text, state, reason, tokens, packed, sent_from, message_id),
        )

    def put_tree(self, conversation_id: int, messages: Sequence[Message]) -> Mapping[int, int]:
        """Messages from elsewhere, parents first; from their ids to those that they have here."""
        here: dict[int, int] = {}
        for each in messages:
            cursor = self._db.execute(
                "INSERT INTO message(conversation_id, parent_id, role, content, state, reason, model, "
                "tokens, report, sent_from, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    conversation_id,
                    None if each.parent_id is None else here[each.parent_id],
                    each.role,
                    each.content,
                    each.state,
                    each.reason,
                    each.model,
                    each.tokens,
                    each.report.model_dump_json() if each.report else None,
                    None if each.sent_from is None else here[each.sent_from],
                    each.created_at,
                ),
            )
            here[each.id] = int(cursor.lastrowid or 0)
        return here

    def set_leaf(self, conversation_id: int, message_id: int | None, updated_at: float) -> None:
        self._db.execute(
            "UPDATE conversation SET leaf_id = ?, updated_at = ? WHERE id = ?",
            (message_id, updated_at, conversation_id),
        )

    def at_once(self) -> AbstractContextManager[None]:
        """A context in which all is stored or nothing."""
        return transaction(self._db)

    def _messages(self, rows: Iterable[sqlite3.Row]) -> list[Message]:
        messages = [_message(row) for row in rows]
        attached = self.attachments.of_messages(message.id for message in messages)
        return [
            replace(message, attachments=attached[message.id]) if message.id in attached else message
            for message in messages
        ]

    def _add(
        self,
        conversation_id: int,
        parent_id: int | None,
        role: str,
        text: str,
        state: MessageState,
        model: str,
    ) -> int:
        now = time.time()
        with transaction(self._db):
            cursor = self._db.execute(
                "INSERT INTO message(conversation_id, parent_id, role, content, state, model, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (conversation_id, parent_id, role, text, state, model, now),
            )
            self.set_leaf(conversation_id, cursor.lastrowid, now)
        return int(cursor.lastrowid or 0)

    def _recover(self) -> int | None:
        deleted = self._db.execute("SELECT id FROM conversation WHERE deleted_at IS NOT NULL").fetchall()
        self.purge(row[0] for row in deleted)
        latest = self._db.execute(
            "SELECT max(conversation_id) FROM message WHERE state = ?", (MessageState.STREAMING,)
        ).fetchone()
        self._db.execute(
            "UPDATE message SET state = ? WHERE state = ?", (MessageState.CLOSED, MessageState.STREAMING)
        )
        return latest[0]


def title_from(text: str, longest: int = 60) -> str:
    """A conversation's name before anyone names it: its first words."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= longest else line[: longest - 1].rsplit(" ", 1)[0] + "…"


def _conversation(row: sqlite3.Row) -> Conversation:
    return Conversation(row["id"], row["title"], row["updated_at"], bool(row["pinned"]), row["folder"])


def _message(row: sqlite3.Row) -> Message:
    report = AnswerReport.model_validate_json(row["report"]) if row["report"] else None
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        parent_id=row["parent_id"],
        role=row["role"],
        content=row["content"],
        state=MessageState(row["state"]),
        reason=row["reason"],
        model=row["model"],
        tokens=row["tokens"],
        report=report,
        sent_from=row["sent_from"],
        created_at=row["created_at"],
    )


__all__ = [
    "Attachment",
    "ChatStore",
    "Conversation",
    "Message",
    "MessageState",
    "Setup",
    "title_from",
]
