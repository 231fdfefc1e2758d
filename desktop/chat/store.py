"""Conversations on disk: a tree of messages per conversation, saved while an answer streams.

Regenerating adds a sibling answer, so nothing is overwritten. Each save is one committed statement in
SQLite's write-ahead log: what was saved outlives a killed process.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.api.schema import AnswerReport

_SCHEMA = """
CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    leaf_id INTEGER REFERENCES message(id),  -- the last message of the branch that is shown
    updated_at REAL NOT NULL,
    deleted_at REAL
);
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES message(id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    content TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    tokens INTEGER,
    report TEXT,
    created_at REAL NOT NULL
);
CREATE TABLE draft (
    conversation_id INTEGER PRIMARY KEY,  -- 0: a conversation that has not begun
    content TEXT NOT NULL
);
CREATE INDEX message_conversation ON message(conversation_id);
CREATE INDEX message_parent ON message(parent_id);
CREATE VIRTUAL TABLE message_words USING fts5(content, content='message', content_rowid='id');
CREATE TRIGGER message_written AFTER INSERT ON message WHEN new.state != 'streaming' BEGIN
    INSERT INTO message_words(rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER message_ended AFTER UPDATE OF state ON message
WHEN old.state = 'streaming' AND new.state != 'streaming' BEGIN
    INSERT INTO message_words(rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER message_gone AFTER DELETE ON message WHEN old.state != 'streaming' BEGIN
    INSERT INTO message_words(message_words, rowid, content) VALUES ('delete', old.id, old.content);
END;
PRAGMA user_version = 1;
"""

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

_SEARCH = """
SELECT conversation.id, conversation.title, conversation.updated_at, min(found.rank) AS best, found.excerpt
FROM (
    SELECT message.conversation_id AS id, message_words.rank AS rank,
           snippet(message_words, 0, '', '', '…', 10) AS excerpt
    FROM message_words JOIN message ON message.id = message_words.rowid
    WHERE message_words MATCH :words
    UNION ALL
    SELECT id, -1000.0, '' FROM conversation WHERE title LIKE :title ESCAPE '\\'
) AS found
JOIN conversation USING (id)
WHERE conversation.deleted_at IS NULL
GROUP BY conversation.id ORDER BY best LIMIT 100
"""


class MessageState(StrEnum):
    DONE = "done"
    STREAMING = "streaming"
    STOPPED = "stopped"  # by the user
    CUT = "cut"  # by the length limit
    BROKEN = "broken"  # by a failure; `reason` says which


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


@dataclass(frozen=True)
class Conversation:
    id: int
    title: str
    updated_at: float  # Unix time, seconds
    excerpt: str = ""  # where a search found its words


class ChatStore:
    """One writer, on one thread. `interrupted` is the reason for answers that a crash broke off."""

    def __init__(self, path: Path, interrupted: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA wal_autocheckpoint = 0")  # it waits for the disk: see `fold_log`
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")
        self._create_once()
        self._recover(interrupted)

    def close(self) -> None:
        self._db.close()

    def conversations(self) -> list[Conversation]:
        """Latest first."""
        rows = self._db.execute(
            "SELECT id, title, updated_at FROM conversation WHERE deleted_at IS NULL "
            "ORDER BY updated_at DESC, id DESC"
        )
        return [Conversation(*row) for row in rows]

    def search(self, text: str) -> list[Conversation]:
        """Conversations whose title or messages hold all words that begin so; best match first."""
        words = " ".join('"' + word.replace('"', '""') + '"*' for word in text.split())
        if not words:
            return self.conversations()
        title = "%" + text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        rows = self._db.execute(_SEARCH, {"words": words, "title": title})
        return [Conversation(row["id"], row["title"], row["updated_at"], row["excerpt"]) for row in rows]

    def title(self, conversation_id: int) -> str:
        row = self._db.execute("SELECT title FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
        return row[0] if row else ""

    def create(self, title: str) -> int:
        cursor = self._db.execute(
            "INSERT INTO conversation(title, updated_at) VALUES (?, ?)", (title, time.time())
        )
        return int(cursor.lastrowid or 0)

    def rename(self, conversation_id: int, title: str) -> None:
        self._db.execute("UPDATE conversation SET title = ? WHERE id = ?", (title, conversation_id))

    def delete(self, conversation_id: int) -> None:
        """Out of sight; `restore` brings it back until `purge`."""
        self._db.execute(
            "UPDATE conversation SET deleted_at = ? WHERE id = ?", (time.time(), conversation_id)
        )

    def restore(self, conversation_id: int) -> None:
        self._db.execute("UPDATE conversation SET deleted_at = NULL WHERE id = ?", (conversation_id,))

    def purge(self) -> None:
        """Take what was deleted off the disk."""
        with self._transaction():
            gone = self._db.execute("DELETE FROM conversation WHERE deleted_at IS NOT NULL").rowcount
            self._db.execute(
                "DELETE FROM draft WHERE conversation_id NOT IN (SELECT id FROM conversation UNION SELECT 0)"
            )
            if gone:  # the index only marks words as gone until its parts are merged
                self._db.execute("INSERT INTO message_words(message_words) VALUES ('optimize')")

    def draft(self, conversation_id: int | None) -> str:
        """What was typed there and not sent. None: in a conversation that has not begun."""
        row = self._db.execute(
            "SELECT content FROM draft WHERE conversation_id = ?", (conversation_id or 0,)
        ).fetchone()
        return row[0] if row else ""

    def keep_draft(self, conversation_id: int | None, text: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (conversation_id or 0, text))

    def branch(self, conversation_id: int) -> list[Message]:
        """The messages that are shown, first to last."""
        leaf = self._db.execute(
            "SELECT leaf_id FROM conversation WHERE id = ?", (conversation_id,)
        ).fetchone()
        return self.up_to(leaf[0]) if leaf and leaf[0] else []

    def up_to(self, message_id: int) -> list[Message]:
        """The message with all that led to it, first to last."""
        return [_message(row) for row in self._db.execute(_ANCESTORS, (message_id,))]

    def message(self, message_id: int) -> Message:
        return _message(self._db.execute("SELECT * FROM message WHERE id = ?", (message_id,)).fetchone())

    def siblings(self, message_id: int) -> list[int]:
        """The message and its alternatives, oldest first."""
        rows = self._db.execute(
            "SELECT other.id FROM message JOIN message AS other USING (conversation_id) "
            "WHERE message.id = ? AND other.parent_id IS message.parent_id ORDER BY other.id",
            (message_id,),
        )
        return [row[0] for row in rows]

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
    ) -> None:
        packed = report.model_dump_json() if report else None
        self._db.execute(
            "UPDATE message SET content = ?, state = ?, reason = ?, tokens = ?, report = ? WHERE id = ?",
            (text, state, reason, tokens, packed, message_id),
        )

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
        with self._transaction():
            cursor = self._db.execute(
                "INSERT INTO message(conversation_id, parent_id, role, content, state, model, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (conversation_id, parent_id, role, text, state, model, now),
            )
            self._db.execute(
                "UPDATE conversation SET leaf_id = ?, updated_at = ? WHERE id = ?",
                (cursor.lastrowid, now, conversation_id),
            )
        return int(cursor.lastrowid or 0)

    def _create_once(self) -> None:
        if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
            self._db.executescript(f"BEGIN;{_SCHEMA}COMMIT;")

    def _recover(self, interrupted: str) -> None:
        self._db.execute(
            "UPDATE message SET state = ?, reason = ? WHERE state = ?",
            (MessageState.BROKEN, interrupted, MessageState.STREAMING),
        )
        self.purge()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def fold_log(path: Path) -> None:
    """Take the write-ahead log into the database file. Waits for the disk: call it on a thread of its own."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def title_from(text: str, longest: int = 60) -> str:
    """A conversation's name before anyone names it: its first words."""
    line = " ".join(text[:1000].split())
    return line if len(line) <= longest else line[: longest - 1].rsplit(" ", 1)[0] + "…"


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
    )


def last_or_none(messages: Sequence[Message]) -> int | None:
    return messages[-1].id if messages else None
