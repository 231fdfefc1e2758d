"""Rounds of probes: who is asked, and what is made of the answers."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from engine.errors import PeerRefused, PeerUnreachable
from engine.network import prober as prober_module
from engine.network.directory import Directory
from engine.network.probe_server import ProbeServer
from engine.network.prober import Prober, ProbeSettings, whom_to_probe
from engine.network.probing import Probed, Transfer
from engine.peers.book import PeerBook
from engine.peers.peak import Peak
from engine.peers.reputation import AVOID_SECONDS
from engine.wire.probes import PROBE_PROTOCOL
from engine.wire.records import Coordinates, ModelSpan, ServerState, SpanRecord
from tests.network.records import MODEL, OTHER_MODEL, span

HERE = Coordinates(at=(0.1, 0.2, 0.3), height=0.01, error=0.5)
ME = "12D3KooWMe1111111111111"
NAMES = [f"12D3KooWPeer{'abcdefghijkmnopqrstuvwxyz'[i]}11111111" for i in range(20)]
QUICK = ProbeSettings(
    seconds=0.02,
    idle_seconds=600.0,
    first_seconds=600.0,
    retry_seconds=0.01,
    patience_seconds=30.0,
    jitter=0.0,
)


class Servers:
    """A directory: NAMES[:3] serve MODEL, all others OTHER_MODEL."""

    async def spans(self, model: str) -> Sequence[SpanRecord]:
        return [record for record in await self.models() if record.model == model]

    async def models(self) -> Sequence[SpanRecord]:
        return [span(name, model=MODEL if name in NAMES[:3] else OTHER_MODEL) for name in NAMES]


class Peers:
    """In the place of `probe`: what it finds, or raises, by peer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.failures: dict[str, Exception] = {}

    async def probe(self, _: object, peer: str, addresses: object, seconds: float, with_bulk: bool) -> Probed:
        self.asked.append((peer, with_bulk))
        if peer in self.failures:
            raise self.failures[peer]
        return Probed(0.05, HERE, Transfer(1000, 0.5, 0.1) if with_bulk else None)


class Notes(PeerBook):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(lambda: self.now)
        self.failed: list[str] = []
        self.transfers: list[tuple[str, int, float]] = []

    def note_failure(self, peer: str) -> None:
        self.failed.append(peer)
        super().note_failure(peer)

    def note_transfer(self, peer: str, nbytes: int, seconds: float) -> None:
        self.transfers.append((peer, nbytes, seconds))


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Peers:
    peers = Peers()
    monkeypatch.setattr(prober_module, "probe", peers.probe)
    return peers


def prober(book: PeerBook, *in_use: str, settings: ProbeSettings = QUICK) -> Prober:
    return Prober(None, ME, Servers(), book, lambda: in_use, settings=settings, rng=random.Random(1))


async def test_servers_of_models_in_use_are_probed_and_a_few_others(peers: Peers) -> None:
    book = Notes()
    await prober(book, MODEL).round()
    probed = [peer for peer, _ in peers.asked]
    assert set(NAMES[:3]) < set(probed)
    assert len(probed) == len(set(probed)) == 3 + QUICK.others
    assert all(book.round_trip(peer) == 0.05 for peer in probed)
    assert book.failed == []


async def test_bytes_are_measured_with_servers_in_use_and_seldom(peers: Peers) -> None:
    book = Notes()
    rounds = prober(book, MODEL)
    await rounds.round()
    await rounds.round()
    assert sorted(peer for peer, with_bulk in peers.asked if with_bulk) == sorted(NAMES[:3])
    assert sorted(book.transfers) == [(name, 2000, pytest.approx(0.6)) for name in sorted(NAMES[:3])]
    assert rounds.upload_bytes_per_s == pytest.approx(2000)


async def test_a_peer_is_dead_after_several_failures_in_a_row_and_comes_back_with_one_answer(
    peers: Peers,
) -> None:
    book = Notes()
    rounds = prober(book, MODEL)
    peers.failures[NAMES[0]] = PeerUnreachable("gone")
    await rounds.round()
    assert [peer for peer, _ in peers.asked].count(NAMES[0]) == QUICK.failures
    book.now += AVOID_SECONDS + 0.1
    assert not book.is_avoided(NAMES[0])
    await rounds.round()
    assert book.failed == [NAMES[0]] * 2
    book.now += AVOID_SECONDS + 0.1
    assert book.is_avoided(NAMES[0])  # dead for longer
    assert NAMES[0] not in rounds.answering
    assert rounds.silent == (NAMES[0],)
    del peers.failures[NAMES[0]]
    await rounds.round()
    book.now += AVOID_SECONDS
    assert not book.is_avoided(NAMES[0])
    assert NAMES[0] in rounds.answering
    assert rounds.silent == ()


async def test_nobody_is_blamed_where_this_computers_own_line_may_be_down(peers: Peers) -> None:
    book = Notes()
    peers.failures = {name: PeerUnreachable("no network") for name in NAMES}
    await prober(book, MODEL).round()
    assert peers.asked
    assert book.failed == []


async def test_a_busy_peer_is_alive(peers: Peers) -> None:
    book = Notes()
    peers.failures = {name: PeerRefused("busy", "no more probes") for name in NAMES}
    await prober(book, MODEL).round()
    assert book.failed == []


async def test_an_idle_computer_probes_seldom_until_a_model_comes_into_use(peers: Peers) -> None:
    in_use: list[str] = []
    news = asyncio.Event()
    idle = Prober(None, ME, Servers(), Notes(), lambda: in_use, news, settings=QUICK)
    running = asyncio.create_task(idle.run())
    await _asked(peers, QUICK.others)
    await asyncio.sleep(0.1)
    assert len(peers.asked) == QUICK.others
    in_use.append(MODEL)
    news.set()
    await _asked(peers, 2 * QUICK.others + 4)  # again and again
    running.cancel()


async def _asked(peers: Peers, several: int) -> None:
    async with asyncio.timeout(30):
        while len(peers.asked) < several:  # noqa: ASYNC110 (a plain list)
            await asyncio.sleep(0.01)


def test_no_more_are_probed_than_fit_and_never_oneself() -> None:
    servers = [span(name) for name in NAMES]
    strangers = [span(NAMES[0], protocol=1), span(ME)]
    settings = ProbeSettings(peers=8, others=2)
    for seed in range(20):
        chosen = whom_to_probe(servers[:10], servers + strangers, NAMES[1], settings, random.Random(seed))
        peers = [record.peer for record in chosen]
        assert len(peers) == len(set(peers)) == 8
        assert NAMES[1] not in peers
        assert len(set(peers) & set(NAMES[:10])) == 6
    assert whom_to_probe([], strangers, ME, settings, random.Random(1)) == []


def test_who_is_about_to_start_anew_elsewhere_is_not_missed() -> None:
    place = ModelSpan(model=MODEL, model_name="tiny", start=0, end=1, n_layers=2)
    leaving = span(NAMES[0], state=ServerState.DRAINING, moves_to=place)
    servers = [leaving, span(NAMES[1], state=ServerState.DRAINING), span(NAMES[2], moves_to=place)]
    chosen = whom_to_probe(servers, servers, ME, ProbeSettings(), random.Random(1))
    assert {record.peer for record in chosen} == {NAMES[1], NAMES[2]}


def test_a_peak_ages_only_by_what_is_measured_later() -> None:
    peak = Peak(half_life=10.0)
    assert peak.value == 0.0
    for value, now, expected in (
        (80.0, 100.0, 80.0),
        (10.0, 110.0, 40.0),
        (50.0, 110.0, 50.0),
        (1.0, 120.0, 25.0),
    ):
        peak.note(value, now)
        assert peak.value == pytest.approx(expected)


async def test_real_nodes_learn_of_each_other_and_notice_a_death(start_node) -> None:
    server = await start_node()
    bystander, client = await start_node(server), await start_node(server, client_only=True)
    for node in (server, bystander):
        await node.serve(PROBE_PROTOCOL, ProbeServer(lambda: HERE).handle)
        await Directory(node).announce(span(node.peer_id, addresses=node.addresses))
    book = PeerBook()
    rounds = Prober(client, client.peer_id, Directory(client), book, lambda: (MODEL,), settings=QUICK)
    await rounds.round()
    assert sorted(rounds.answering) == sorted([server.peer_id, bystander.peer_id])
    assert all(0 < book.round_trip(peer) < 0.5 for peer in rounds.answering)
    assert rounds.upload_bytes_per_s > 0
    await bystander.stop()
    await rounds.round()
    assert list(rounds.answering) == [server.peer_id]
    assert book.is_avoided(bystander.peer_id)
    assert not book.is_avoided(server.peer_id)
