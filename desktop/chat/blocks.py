"""Cuts an answer into prose and code, also while it is still being written. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True)
class Prose:
    source: str  # markdown of one or more top-level blocks


@dataclass(frozen=True)
class Code:
    text: str
    language: str
    closed: bool  # its fence has ended


Block = Prose | Code


@dataclass(frozen=True)
class Cut:
    """Blocks that will not change any more, and where the rest begins (an index into the text)."""

    finished: tuple[Block, ...]
    rest_at: int


def blocks_of(text: str) -> tuple[Block, ...]:
    """All blocks of a finished text."""
    lines, tokens = _lines(text), _top_level(text)
    ends = [token.map[1] for token in tokens]
    definitions = "".join(lines[ends[-1] if ends else 0 :])  # of links: they make no block of their own
    rest = [Prose(definitions)] if definitions.strip() else []
    return (*_blocks(tokens, ends, lines), *rest)


def finished_blocks(text: str, at: int = 0) -> Cut:
    """Blocks after `at` that later text cannot change: all but the last, unless that is a closed fence."""
    tail = text[at:]
    lines, tokens = _lines(tail), _top_level(tail)
    ends = [token.map[1] for token in tokens]
    blocks = _blocks(tokens, ends, lines)
    keep = len(blocks) if blocks and _is_closed(blocks[-1]) and tail.endswith("\n") else len(blocks) - 1
    if keep < 1:
        return Cut((), at)
    return Cut(tuple(blocks[:keep]), at + sum(map(len, lines[: ends[keep - 1]])))


def open_code(text: str) -> Code | None:
    """The text as code that is still being written, if it begins with a whole fence line."""
    blocks = blocks_of(text)
    one = blocks[0] if len(blocks) == 1 and "\n" in text.lstrip("\n") else None
    return one if isinstance(one, Code) else None


def _is_closed(block: Block) -> bool:
    return isinstance(block, Code) and block.closed


def _blocks(tokens: Sequence[Token], ends: Sequence[int], lines: Sequence[str]) -> list[Block]:
    starts = [0, *ends[:-1]] if ends else []
    return [_block(*each, lines) for each in zip(tokens, starts, ends, strict=True)]


def _block(token: Token, start: int, end: int, lines: Sequence[str]) -> Block:
    if token.type != "fence":
        return Prose("".join(lines[start:end]))
    last = lines[end - 1].strip()
    closed = end - token.map[0] > 1 and len(last) >= len(token.markup) and not last.strip(token.markup[0])
    language = token.info.split()[0] if token.info.split() else ""
    return Code(token.content.removesuffix("\n"), language, closed)


def _lines(text: str) -> list[str]:
    """As the parser counts them: only a line feed ends a line."""
    return [line + "\n" for line in text.split("\n")]


def _top_level(text: str) -> list[Token]:
    return [token for token in _parser().parse(text) if token.level == 0 and token.map and token.nesting >= 0]


@cache
def _parser() -> MarkdownIt:
    """Blocks only: what is inside a paragraph does not matter here."""
    parser = MarkdownIt("commonmark").enable("table")
    return parser.disable(["inline"])
