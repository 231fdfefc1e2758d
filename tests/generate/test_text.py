"""From tokens to text: whole characters, and no part of a stop string, however the text is cut."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.generate.text import StopStrings, TextDecoder
from tests.tiny_models import byte_tokenizer

# Merges that cut through characters: "é" is two bytes, "🎉" four.
TOKENIZER = byte_tokenizer([("Ã", "©"), ("ð", "Ł"), ("a", "b"), ("ab", "c"), ("Ġ", "a")])
LETTERS = "abc é🎉日\n�"


def decode(ids: list[int]) -> str:
    return TOKENIZER.decode(ids, skip_special_tokens=True)


def pieces_of(ids: list[int]) -> list[str]:
    decoder = TextDecoder(decode)
    return [*[decoder.push(token) for token in ids], decoder.rest()]


@given(st.text(LETTERS, max_size=30))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(pieces_of(TOKENIZER(text).input_ids)) == text


@given(st.text(LETTERS.replace("�", ""), max_size=30))
def test_no_piece_splits_a_character(text: str) -> None:
    assert not any("�" in piece for piece in pieces_of(TOKENIZER(text).input_ids))


@given(st.lists(st.integers(0, len(TOKENIZER) - 1), max_size=40))
def test_the_pieces_of_any_tokens_are_what_all_of_them_decode_to(ids: list[int]) -> None:
    """Also of bytes that are no characters, as a model that samples may write them."""
    assert "".join(pieces_of(ids)) == decode(ids)


def test_a_character_comes_with_its_last_byte() -> None:
    ids = byte_tokenizer()("é🎉!").input_ids
    assert pieces_of(ids) == ["", "é", "", "", "", "🎉", "!", ""]


def test_an_unfinished_character_comes_at_the_end() -> None:
    ids = byte_tokenizer()("a🎉").input_ids[:-1]
    assert pieces_of(ids) == ["a", "", "", "", "�"]


def test_special_tokens_are_no_text() -> None:
    ids = [TOKENIZER.bos_token_id, *TOKENIZER("ab").input_ids, TOKENIZER.eos_token_id]
    assert "".join(pieces_of(ids)) == "ab"


# --- stop strings


def through(stops: list[str], pieces: list[str]) -> tuple[str, bool]:
    held = StopStrings(stops)
    out = "".join([held.push(piece) for piece in pieces])
    return out + held.rest(), held.hit


@pytest.mark.parametrize(
    ("stops", "pieces", "text", "hit"),
    [
        ([], ["a", "b"], "ab", False),
        ([""], ["a", "b"], "ab", False),
        (["x"], ["ab", "c"], "abc", False),
        (["b"], ["abc"], "a", True),
        (["b"], ["a", "b", "c"], "a", True),
        (["end"], ["the e", "n", "d."], "the ", True),
        (["end"], ["the e", "n", "c"], "the enc", False),
        (["aab"], ["a", "a", "a", "b"], "a", True),
        (["abab"], ["aba", "abab"], "aba", True),
        (["end"], ["the en"], "the en", False),  # an end that does not come is text
        (["\n\n", "User:"], ["Yes.\n", "User", ": more"], "Yes.\n", True),
        (["abcd", "bc"], ["abcd"], "a", True),  # the one that is complete first
        (["abcd", "bc"], ["a", "b", "c", "d"], "a", True),
        (["日本"], ["in 日", "本 now"], "in ", True),
    ],
)
def test_stop_strings(stops: list[str], pieces: list[str], text: str, hit: bool) -> None:
    assert through(stops, pieces) == (text, hit)


texts = st.text("abc", max_size=20)
stop_lists = st.lists(st.text("abc", min_size=1, max_size=4), max_size=3)


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text, and the same in pieces."""
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return text, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(cut_texts(), stop_lists)
def test_text_ends_before_the_stop_string_that_is_complete_first(
    cut: tuple[str, list[str]], stops: list[str]
) -> None:
    text, pieces = cut
    ends = [(end, -len(stop)) for stop in stops for end in range(len(text) + 1) if text[:end].endswith(stop)]
    if ends:
        end, length = min(ends)
        assert through(stops, pieces) == (text[: end + length], True)
    else:
        assert through(stops, pieces) == (text, False)


@given(cut_texts(), stop_lists)
def test_just_what_may_become_a_stop_string_is_held_back(
    cut: tuple[str, list[str]], stops: list[str]
) -> None:
    text, pieces = cut
    assume(not any(stop in text for stop in stops))
    held, out, seen = StopStrings(stops), "", ""
    beginnings = ["", *(stop[:n] for stop in stops for n in range(1, len(stop)))]
    for piece in pieces:
        seen += piece
        out += held.push(piece)
        longest = max(len(beginning) for beginning in beginnings if seen.endswith(beginning))
        assert out == seen[: len(seen) - longest]


@given(cut_texts(), stop_lists)
def test_nothing_comes_after_a_stop_string(cut: tuple[str, list[str]], stops: list[str]) -> None:
    _, pieces = cut
    held = StopStrings(stops)
    for piece in pieces:
        had_hit = held.hit
        assert not (held.push(piece) and had_hit)
    assert not (held.hit and held.rest())
