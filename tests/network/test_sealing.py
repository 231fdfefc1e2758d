"""Encrypted calls: they open for whom they are meant, once with their question, and for nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ProtocolViolation
from engine.network.sealing import CallSeal

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
ASKING, ASKED = CallSeal(KEY, "A"), CallSeal(KEY, "B")
SEALED, _ = ASKING.ask("B", "find", b"what is there?")


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_question_and_answer_come_through(question: bytes, answer: bytes) -> None:
    sealed, opened = ASKING.ask("B", "find", question)
    heard, closed = ASKED.hear("A", "find", sealed)
    assert heard == question
    assert opened(closed(answer)) == answer
    assert len(question) < 8 or question not in sealed


def test_the_same_question_looks_different_each_time() -> None:
    assert ASKING.ask("B", "find", b"same")[0] != ASKING.ask("B", "find", b"same")[0]


@pytest.mark.parametrize(
    ("seal", "peer", "call"),
    [
        (CallSeal(OTHER_KEY, "B"), "A", "find"),  # another swarm
        (CallSeal(KEY, "C"), "A", "find"),  # passed on to another member
        (ASKED, "M", "find"),  # by somebody else than who asked
        (ASKED, "A", "store"),  # as another call
        (ASKING, "B", "find"),  # thrown back
    ],
)
def test_a_question_opens_nowhere_else(seal: CallSeal, peer: str, call: str) -> None:
    with pytest.raises(ProtocolViolation, match="Only members"):
        seal.hear(peer, call, SEALED)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(position: int, flip: int) -> None:
    altered = bytearray(SEALED)
    altered[position] ^= flip
    with pytest.raises(ProtocolViolation):
        ASKED.hear("A", "find", bytes(altered))


@given(st.binary(max_size=64))
def test_plain_words_are_refused(plain: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="Only members"):
        ASKED.hear("A", "find", plain)


def test_an_answer_belongs_to_its_question_and_to_its_giver() -> None:
    asked_again, opened = ASKING.ask("B", "find", b"what is there?")
    _, closed = ASKED.hear("A", "find", SEALED)
    _, closed_again = ASKED.hear("A", "find", asked_again)
    for wrong in (closed(b"old news"), asked_again, b""):
        with pytest.raises(ProtocolViolation):
            opened(wrong)
    assert opened(closed_again(b"news")) == b"news"
