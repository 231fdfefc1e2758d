"""Full-text search over all conversations: where the words stand, and the line around them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

MOST_HITS = 200  # messages
MOST_IN_ONE = 5  # messages of one conversation
_BEGIN, _END = "\x02", "\x03"  # around each word that was found

_MESSAGES = """
SELECT message.id AS message_id, conversation.id AS conversation_id, conversation.title AS title,
       snippet(message_words, 0, char(2), char(3), '…', 24) AS excerpt
FROM message_words
JOIN message ON message.id = message_words.rowid
JOIN conversation ON conversation.id = message.conversation_id
WHERE message_words MATCH ? AND conversation.deleted_at IS NULL
ORDER BY message_words.rank LIMIT ?
"""
_TITLES = """
SELECT id, title FROM conversation
WHERE title LIKE ? ESCAPE '\\' AND deleted_at IS NULL ORDER BY updated_at DESC LIMIT ?
"""


@dataclass(frozen=True)
class Run:
    """A stretch of a line."""

    text: str
    found: bool  # it is what was looked for


@dataclass(frozen=True)
class Hit:
    message_id: int
    line: tuple[Run, ...]


@dataclass(frozen=True)
class Found:
    """A conversation with what was found in it. Without hits its title holds the words."""

    conversation_id: int
    title: str
    hits: tuple[Hit, ...] = ()


def search(db: sqlite3.Connection, text: str) -> list[Found]:
    """Conversations with words that begin so: those with them in their title first, then best match first."""
    words = " ".join('"' + word.replace('"', '""') + '"*' for word in text.split())
    if not words:
        return []
    found = {row[0]: Found(row[0], row[1]) for row in db.execute(_TITLES, (_pattern(text), MOST_HITS))}
    for row in db.execute(_MESSAGES, (words, MOST_HITS)):
        known = found.get(row["conversation_id"]) or Found(row["conversation_id"], row["title"])
        hit = Hit(row["message_id"], matching_line(row["excerpt"]))
        found[known.conversation_id] = _with(known, hit)
    return list(found.values())


def _with(found: Found, hit: Hit) -> Found:
    return Found(found.conversation_id, found.title, (*found.hits, hit)[:MOST_IN_ONE])


def _pattern(text: str) -> str:
    return "%" + text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def matching_line(excerpt: str) -> tuple[Run, ...]:
    """The first line of a marked excerpt that has a mark, cut at its marks."""
    lines = excerpt.split("\n")
    line = next((line for line in lines if _BEGIN in line), lines[0])
    runs: list[Run] = []
    for at, part in enumerate(line.strip().split(_BEGIN)):
        word, _, rest = part.partition(_END) if at else ("", "", part)
        runs += [Run(word, True), Run(rest, False)]
    return tuple(run for run in runs if run.text)


def plain(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)
