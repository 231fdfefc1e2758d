import pytest

from engine.api.store_schema import Transfer, TransferKind, TransferState
from engine.errors import DiskFull, UnknownTransfer
from engine.transfers.board import ENDED_SHOWN, TransferBoard


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seen() -> list[Transfer]:
    return []


@pytest.fixture
def board(clock: Clock, seen: list[Transfer]) -> TransferBoard:
    board = TransferBoard(lambda: seen.append(board.transfers[-1]), clock)
    return board


def test_a_transfer_from_its_begin_to_its_end(board, clock, seen):
    entry = board.begin(TransferKind.FETCH, "tiny", layers=(0, 4))
    clock.now = 2
    entry.progress(0, 1000)
    clock.now = 4
    entry.progress(500, 1000, peers=3)
    assert seen[-1].seconds_left == 2
    assert (seen[-1].bytes_per_s, seen[-1].peers, seen[-1].layers) == (250, 3, (0, 4))
    entry.done("tiny is here.")
    assert board.transfers == (seen[-1],)
    assert (seen[-1].state, seen[-1].outcome, seen[-1].bytes_per_s) == (
        TransferState.DONE,
        "tiny is here.",
        0,
    )


def test_after_its_end_nothing_changes_it(board, seen):
    entry = board.begin(TransferKind.VERIFY, "")
    entry.fail(DiskFull("The disk is full."))
    changes = len(seen)
    entry.progress(1, 2)
    entry.cancelled()
    assert len(seen) == changes
    assert (entry.transfer.state, entry.transfer.failure) == (TransferState.FAILED, "The disk is full.")


def test_the_oldest_that_ended_are_forgotten_and_none_that_goes_on(board):
    board.begin(TransferKind.IMPORT, "going")
    for number in range(ENDED_SHOWN + 3):
        board.begin(TransferKind.IMPORT, str(number)).done()
    names = [transfer.model for transfer in board.transfers]
    assert names == ["going", *map(str, range(3, ENDED_SHOWN + 3))]


def test_only_what_can_be_cancelled_is(board):
    cancelled = []
    mine = board.begin(TransferKind.IMPORT, "mine", cancel=lambda: cancelled.append(1))
    theirs = board.begin(TransferKind.FETCH, "theirs")
    assert board.cancel(mine.transfer.id) == mine.transfer
    mine.cancelled()
    board.cancel(mine.transfer.id)
    assert cancelled == [1]
    for unknown in (theirs.transfer.id, "nobody"):
        with pytest.raises(UnknownTransfer):
            board.cancel(unknown)
