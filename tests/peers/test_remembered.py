"""Which peers are remembered, and for how long."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.peers.memory_file import MemoryFile
from engine.peers.remembered import (
    DAY,
    FORGOTTEN_AFTER,
    MAX_ADDRESSES,
    MAX_MISSES,
    MAX_PEERS,
    MISS_COUNTS_AFTER,
    Memory,
    after_meeting,
    after_missing,
    direct_addresses,
    is_worth_saving,
    swarm_name,
    ways_in,
)
from engine.wire.records import ServerState, SpanRecord

NOW = 1_700_000_000.0
IDS = [f"12D3KooW{letter * 44}" for letter in "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"]
ANNA, BERT, CARL = IDS[:3]


def address(peer: str, host: str = "10.0.0.1") -> str:
    return f"/ip4/{host}/tcp/4001/p2p/{peer}"


def server(peer: str, *addresses: str) -> SpanRecord:
    fields = dict(model="ab" * 32, model_name="tiny", start=0, end=1, n_layers=1, state=ServerState.ONLINE)
    return SpanRecord(peer=peer, addresses=addresses or (address(peer),), expires=NOW, **fields)


def met(*peers: str, at: float = NOW, memory: Memory = ()) -> Memory:
    return after_meeting(memory, [server(peer) for peer in peers], at)


def names(memory: Memory) -> list[str]:
    return [peer.peer for peer in memory]


def test_who_has_answered_is_remembered_with_its_addresses() -> None:
    assert ways_in(met(ANNA, BERT), NOW) == (address(ANNA), address(BERT))


def test_only_direct_addresses_of_the_peer_itself_count() -> None:
    relayed = f"/ip4/10.0.0.2/tcp/1/p2p/{BERT}/p2p-circuit/p2p/{ANNA}"
    good = [address(ANNA, f"10.0.1.{i}") for i in range(6)]
    found = direct_addresses(server(ANNA, relayed, address(BERT), "/ip4/10.0.0.1/tcp/1", "noise", *good))
    assert found == tuple(good[:MAX_ADDRESSES])
    assert after_meeting((), [server(ANNA, relayed)], NOW) == ()


def test_the_most_promising_come_first() -> None:
    memory = met(ANNA, at=NOW - 3 * DAY)
    memory = met(BERT, at=NOW - 2 * DAY, memory=memory)
    memory = met(BERT, CARL, memory=memory)
    assert names(memory) == [BERT, CARL, ANNA]  # long known, new, and not seen for days
    assert names(after_missing(memory, {BERT}, NOW)) == [CARL, ANNA, BERT]


def test_newcomers_do_not_push_out_who_has_been_there_for_long() -> None:
    old = met(*IDS[:MAX_PEERS], at=NOW - DAY / 2)
    memory = met(*IDS, memory=met(*IDS[:MAX_PEERS], memory=old))
    assert set(names(memory)) == set(IDS[:MAX_PEERS])


def test_who_is_not_seen_for_long_is_forgotten() -> None:
    memory = met(ANNA)
    assert ways_in(memory, NOW + FORGOTTEN_AFTER - 1) == (address(ANNA),)
    assert ways_in(memory, NOW + FORGOTTEN_AFTER) == ()
    assert names(met(BERT, at=NOW + FORGOTTEN_AFTER, memory=memory)) == [BERT]


def test_who_never_answers_again_is_forgotten_and_one_answer_makes_up_for_it() -> None:
    memory = met(ANNA, BERT)
    for miss in range(1, MAX_MISSES):
        now = NOW + miss * MISS_COUNTS_AFTER
        memory = after_missing(memory, {ANNA}, now)
        memory = after_missing(memory, {ANNA}, now + 1)  # too soon to count
        assert set(names(memory)) == {ANNA, BERT}
    assert names(after_missing(memory, {ANNA}, NOW + MAX_MISSES * MISS_COUNTS_AFTER)) == [BERT]
    assert max(peer.misses for peer in met(ANNA, at=now, memory=memory)) == 0


def test_a_clock_that_was_set_back_forgets_the_future() -> None:
    assert ways_in(met(ANNA), NOW - 1) == ()


@given(st.lists(st.tuples(st.lists(st.sampled_from(IDS)), st.booleans(), st.floats(0, 1e6)), max_size=20))
def test_a_memory_is_bounded_and_names_each_peer_once(events: list[tuple[list[str], bool, float]]) -> None:
    memory: Memory = ()
    now = NOW
    for peers, answered, seconds in events:
        now += seconds
        memory = met(*peers, at=now, memory=memory) if answered else after_missing(memory, set(peers), now)
        assert len(memory) <= MAX_PEERS
        assert len(set(names(memory))) == len(memory)
        if answered and len(set(peers)) == 1:
            assert peers[0] in names(memory) or len(memory) == MAX_PEERS


def test_swarms_are_told_apart_by_key_or_by_who_leads_into_them() -> None:
    here, there = address(ANNA), address(ANNA, "10.9.9.9")
    assert swarm_name("c0ffee", [here]) == swarm_name("c0ffee", []) == "c0ffee"
    assert swarm_name("", [here, address(BERT)]) == swarm_name("", [address(BERT), there])
    assert swarm_name("", [here]) != swarm_name("", [address(BERT)])


def test_a_memory_survives_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "peers.json"
    assert MemoryFile(path).load() == ()
    MemoryFile(path).save(met(ANNA, BERT))
    assert MemoryFile(path).load() == met(ANNA, BERT)
    assert path.stat().st_mode & 0o077 == 0


def test_the_file_is_written_only_for_news(tmp_path: Path) -> None:
    path = tmp_path / "peers.json"
    file = MemoryFile(path)
    file.save(met(ANNA))
    path.unlink()
    file.save(met(ANNA, at=NOW + 60))
    assert not path.exists()
    file.save(met(ANNA, at=NOW + DAY))
    assert path.exists()
    assert is_worth_saving(met(ANNA, BERT), met(ANNA))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"version": 2, "peers": []}',
        b'{"version": 1, "peers": [{"peer": "x", "addresses": ["y"], "first_seen": 0, "last_seen": 0}]}',
        b'{"version": 1, "peers": ' + b"[" * 300_000,
    ],
)
def test_a_damaged_file_is_a_new_start(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "peers.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert MemoryFile(path).load() == ()
    assert "cannot be read" in caplog.text


def test_a_disk_that_takes_nothing_is_no_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    MemoryFile(tmp_path / "file" / "peers.json").save(met(ANNA))
    assert "cannot be written" in caplog.text
