"""The auditor of this computer's sessions, put together."""

from collections.abc import Collection
from random import SystemRandom

from engine.audit.auditor import Auditor
from engine.audit.recompute import Spans, SwarmRecompute
from engine.audit.schedule import Schedule
from engine.peers.book import PeerBook
from engine.route.hop import Dialler
from engine.settings import AuditSettings


def auditor_of(
    node: Dialler, directory: Spans, book: PeerBook, settings: AuditSettings, own_servers: Collection[str]
) -> Auditor:
    """`own_servers` are the peer ids of this computer's block servers, whether they run or not."""

    def trusted() -> frozenset[str]:
        return frozenset(own_servers)

    recompute = SwarmRecompute(node, directory, book, trusted=trusted)
    return Auditor(recompute, book, Schedule(settings, SystemRandom()), trusted)
