"""What is known of other computers outlives the process, and a damaged file costs no more than that."""

import logging
from pathlib import Path

import pytest

from engine.peers.book import PeerBook
from engine.peers.book_file import BookFile
from engine.peers.links import LINK_SECONDS
from engine.peers.page import PROVEN
from engine.peers.reputation import DAY
from tests.peers.clock import Clock

A, B, C = ("Qm" + letter * 20 for letter in "abc")


@pytest.fixture
def wall_clock() -> Clock:
    return Clock(1_700_000_000.0)


@pytest.fixture
def file(tmp_path: Path, wall_clock: Clock) -> BookFile:
    return BookFile(tmp_path / "data" / "peers.json", wall_clock)


def book_of_a_proven_peer() -> PeerBook:
    book = PeerBook(Clock(5000.0))
    book.note_round_trip(A, 0.03)
    book.note_transfer(A, 1 << 20, 1.0)
    prove(book, A)
    return book


def prove(book: PeerBook, peer: str) -> None:
    for _ in range(int(PROVEN)):
        book.note_step(peer, 4, 1, 0.01, 0.05)


def reloaded(file: BookFile, **kwargs: int) -> PeerBook:
    """In a new process, whose clock begins elsewhere."""
    book = PeerBook(Clock(7.0), **kwargs)
    file.load_into(book)
    return book


def test_without_a_file_nothing_is_known(file: BookFile) -> None:
    assert reloaded(file).saved() == ()


def test_a_proven_peer_is_known_again(file: BookFile) -> None:
    saved = book_of_a_proven_peer()
    file.save(saved)
    book = reloaded(file)
    assert book.round_trip(A) == 0.03
    assert book.bytes_per_s(A) == 1 << 20
    assert book.doubt(A) == pytest.approx(saved.doubt(A))
    assert book.layer_seconds(A) is None  # it may be busier, or less busy


def test_strangers_are_not_saved(file: BookFile) -> None:
    book = book_of_a_proven_peer()
    book.note_round_trip(B, 0.02)
    book.note_failure(C)
    file.save(book)
    assert [saved.peer for saved in reloaded(file).saved()] == [A]


def test_time_goes_on_while_the_process_is_gone(file: BookFile, wall_clock: Clock) -> None:
    book = book_of_a_proven_peer()
    book.note_audit(B, honest=False)
    file.save(book)
    wall_clock.pass_by(LINK_SECONDS + 1)
    later = reloaded(file)
    assert later.round_trip(A) is None
    assert book.doubt(A) < later.doubt(A) < later.doubt(C)
    assert later.is_avoided(B)
    wall_clock.pass_by(14 * DAY)
    assert not reloaded(file).is_avoided(B)


def test_a_clock_that_was_set_back_does_no_harm(file: BookFile, wall_clock: Clock) -> None:
    file.save(book_of_a_proven_peer())
    wall_clock.pass_by(-DAY)
    assert reloaded(file).round_trip(A) == 0.03


def test_what_was_noted_since_the_start_counts(file: BookFile) -> None:
    file.save(book_of_a_proven_peer())
    book = PeerBook(Clock(7.0))
    book.note_round_trip(A, 0.5)
    file.load_into(book)
    assert book.round_trip(A) == 0.5


def test_no_more_peers_than_the_book_holds_are_loaded(file: BookFile) -> None:
    book = book_of_a_proven_peer()
    prove(book, B)
    file.save(book)
    assert [saved.peer for saved in reloaded(file, max_peers=1).saved()] == [B]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 2, "saved_at": 0, "peers": []}',
        '{"version": 1, "saved_at": 0, "peers": [{"peer": "me"}]}',
        '{"version": 1, "saved_at": NaN, "peers": []}',
    ],
)
def test_a_damaged_file_is_left_out_with_a_warning(
    tmp_path: Path, wall_clock: Clock, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    path = tmp_path / "peers.json"
    path.write_text(text, encoding="utf-8")
    book = PeerBook(Clock())
    with caplog.at_level(logging.WARNING, "potluck.peers"):
        BookFile(path, wall_clock).load_into(book)
    assert book.saved() == ()
    assert "starting anew" in caplog.text


def test_a_file_that_cannot_be_read_is_left_out_with_a_warning(
    tmp_path: Path, wall_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    BookFile(tmp_path, wall_clock).load_into(PeerBook(Clock()))  # a folder
    assert "starting anew" in caplog.text
