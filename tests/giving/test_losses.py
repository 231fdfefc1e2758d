"""Who is there no more, as told from what this computer and the directory see of it."""

from engine.giving.losses import RENEWED_WITHIN, Losses
from engine.wire.records import SpanRecord
from tests.giving.records import PEER, record

OTHER = PEER[:-1] + "B"
HERE, THERE = record().model_copy(update={"expires": 20.0}), record(peer=OTHER)
LATE = RENEWED_WITHIN + 1


def renewed(seconds: float, record: SpanRecord = HERE) -> SpanRecord:
    return record.model_copy(update={"expires": record.expires + seconds})


def met(*connected: str) -> Losses:
    losses = Losses()
    losses.look([HERE, THERE], 0.0)
    losses.connected_to(connected)
    return losses


def gone(losses: Losses) -> set[str]:
    return {peer for peer, _ in losses.gone}


def test_who_breaks_off_is_gone_when_its_record_is_not_renewed() -> None:
    losses = met(PEER, OTHER)
    losses.connected_to([OTHER])
    assert losses.is_in_doubt
    losses.look([HERE, THERE], 1.0)
    assert (gone(losses), losses.is_in_doubt) == (set(), True)
    losses.look([HERE, renewed(5, THERE)], LATE)
    assert (gone(losses), losses.is_in_doubt) == ({PEER}, False)


def test_it_stays_gone_until_it_says_something_new() -> None:
    losses = met(PEER, OTHER)
    losses.connected_to([OTHER])
    for now in (LATE, LATE + 1):
        losses.look([HERE, renewed(now, THERE)], now)
        assert gone(losses) == {PEER}
    losses.look([renewed(5), THERE], LATE + 2)
    assert (gone(losses), losses.is_in_doubt) == (set(), False)
    losses.look([renewed(5), THERE], 3 * LATE)
    assert gone(losses) == set()  # nothing speaks against it by now


def test_whom_others_still_hear_is_there() -> None:
    losses = met(PEER, OTHER)
    for now in range(0, 60, 5):
        losses.connected_to([OTHER])
        losses.look([renewed(now), THERE], float(now))
        assert gone(losses) == set()


def test_who_was_never_connected_is_not_missed() -> None:
    losses = met(OTHER)
    losses.connected_to([OTHER])
    losses.look([HERE, THERE], LATE)
    assert gone(losses) == set()


def test_without_any_connection_nobody_else_is_blamed() -> None:
    losses = met(PEER, OTHER)
    losses.connected_to([])
    losses.look([HERE, THERE], LATE)
    assert gone(losses) == set()


def test_who_answers_nobody_and_renews_nothing_is_gone() -> None:
    losses = met()
    losses.suspect([PEER, "somebody else"])
    losses.look([HERE, renewed(5, THERE)], LATE)
    assert gone(losses) == {PEER}


def test_where_nobody_is_heard_of_this_computer_s_own_line_may_be_down() -> None:
    losses = met(PEER, OTHER)
    losses.connected_to([OTHER])  # connections break one after the other
    losses.look([HERE, THERE], LATE)
    assert (gone(losses), losses.is_in_doubt) == (set(), True)
    losses.connected_to([])
    losses.look([HERE, THERE], LATE + 1)
    assert gone(losses) == set()
    losses.look([HERE, renewed(5, THERE)], LATE + 2)  # back again, and the other one has gone meanwhile
    assert gone(losses) == {PEER}


def test_the_only_other_server_is_missed_while_this_computer_is_connected_to_somebody() -> None:
    for connected, missed in ((["a way in"], {PEER}), ([], set())):
        losses = Losses()
        losses.look([HERE], 0.0)
        losses.connected_to([PEER])
        losses.suspect([PEER])
        losses.connected_to(connected)
        losses.look([HERE], LATE)
        assert gone(losses) == missed


def test_whose_record_has_expired_is_forgotten() -> None:
    losses = met(PEER, OTHER)
    losses.connected_to([OTHER])
    losses.look([THERE], LATE)
    assert (gone(losses), losses.peers, losses.is_in_doubt) == (set(), {OTHER}, False)
