"""The tables of the conversations' file, version after version."""

import sqlite3

_FIRST = """
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
"""

_SECOND = """
ALTER TABLE conversation ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN folder TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN setup TEXT NOT NULL DEFAULT '{}';
ALTER TABLE draft ADD COLUMN setup TEXT NOT NULL DEFAULT '{}';
ALTER TABLE message ADD COLUMN sent_from INTEGER;  -- the oldest message that an answer was made from
CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    message_id INTEGER REFERENCES message(id) ON DELETE CASCADE,
    draft_of INTEGER,  -- a conversation, or 0: not sent yet
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    format TEXT NOT NULL,
    data BLOB NOT NULL,
    thumbnail BLOB NOT NULL
);
CREATE INDEX attachment_message ON attachment(message_id);
CREATE TABLE preset (name TEXT PRIMARY KEY, setup TEXT NOT NULL);
CREATE TRIGGER message_goes_on AFTER UPDATE OF state ON message
WHEN old.state != 'streaming' AND new.state = 'streaming' BEGIN
    INSERT INTO message_words(message_words, rowid, content) VALUES ('delete', old.id, old.content);
END;
"""

_STEPS = (_FIRST, _SECOND)


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Each missing step is taken as a whole or not at all. A file of a newer Potluck is left as it is."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    for version, step in enumerate(_STEPS[found:], found + 1):
        try:
            db.executescript(f"BEGIN IMMEDIATE;{step}PRAGMA user_version = {version};COMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
