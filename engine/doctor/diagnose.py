"""From facts to findings, each a plain sentence and what to do: pure."""

import ipaddress
from collections.abc import Iterable, Iterator
from statistics import median

from engine.api.doctor_schema import Diagnosis, Finding, Grade, Reach, Topic
from engine.api.sentences import both, said
from engine.doctor.facts import Disk, Facts, InitialPeer, Interfaces, listening_ports
from engine.network.reach import View, host_of
from engine.settings import is_loopback
from engine.wire.reach import DialBack

CLOCK_SECONDS = 5.0  # by which clocks may differ: announcements are valid for few more
SCARCE_BYTES = 5 << 30
TOO_FEW_BYTES = 500 << 20
DEFAULT_PORT = "31337"
_SHARED_BY_PROVIDERS = ipaddress.ip_network("100.64.0.0/10")


def diagnose(facts: Facts) -> Diagnosis:
    reach = reach_of(facts)
    checks = (_process, _way_out, _initial_peers, _reach, _ipv6, _clock, _disk)
    return Diagnosis(
        reach=reach,
        listens=facts.node.listen,
        addresses=facts.node.visible,
        seen_as=tuple(sorted(_seen_hosts(facts))),
        findings=tuple(finding for check in checks for finding in check(facts)),
    )


def reach_of(facts: Facts) -> Reach:
    node = facts.node
    if node.listen and all(map(is_loopback, node.listen)):
        return Reach.PRIVATE
    outcomes = {view.dial_back for view in facts.views}
    if DialBack.REACHED in outcomes:
        return Reach.DIRECT
    if node.relayed:
        return Reach.RELAYED
    return Reach.NOT_AT_ALL if DialBack.NOT_REACHED in outcomes else Reach.UNKNOWN


# --- one check after the other


def _process(facts: Facts) -> Iterator[Finding]:
    if facts.node.failure is not None:
        yield Finding(topic=Topic.NETWORK_PROCESS, grade=Grade.BAD, sentence=facts.node.failure)


def _way_out(facts: Facts) -> Iterator[Finding]:
    if reach_of(facts) is Reach.PRIVATE:
        return
    kinds = [
        name
        for name, own in (("IPv4", facts.interfaces.ipv4), ("IPv6", facts.interfaces.ipv6))
        if set(own) & set(facts.interfaces.leaves_by)
    ]
    if kinds:
        text = said("This computer has a way to the internet by {kinds}.", kinds=both(kinds))
        yield Finding(topic=Topic.WAY_OUT, grade=Grade.GOOD, sentence=text)
    else:
        yield Finding(
            topic=Topic.WAY_OUT,
            grade=Grade.BAD,
            sentence=said("This computer has no way to the internet."),
            advice=said("Check its cable or Wi-Fi; a swarm in the same room works without."),
        )


def _initial_peers(facts: Facts) -> Iterator[Finding]:
    peers = facts.initial_peers
    if not peers:
        return
    answering = sum(peer.answers for peer in peers)
    grade = Grade.GOOD if answering == len(peers) else Grade.HINT if answering else Grade.BAD
    yield Finding(
        topic=Topic.INITIAL_PEERS,
        grade=grade,
        sentence=_answering(answering, len(peers)),
    )
    yield from (_silent(peer, grade) for peer in peers if not peer.answers)


def _answering(answering: int, known: int) -> str:
    if known > 1:
        return said(
            "Of the swarm's {known} known addresses, {answering} can be reached.",
            known=known,
            answering=answering,
        )
    if answering:
        return said("The one known address of the swarm can be reached.")
    return said("The one known address of the swarm cannot be reached.")


def _silent(peer: InitialPeer, grade: Grade) -> Finding:
    if peer.door_opens:
        sentence = said(
            "{address} takes connections, but not as this member of the swarm.", address=peer.address
        )
        advice = said(
            "Ask there for the address as `potluck-engine status` prints it now, for the same version, "
            "and, if the swarm is a private one, for an invite link."
        )
    else:
        sentence = said("{address} does not answer.", address=peer.address)
        advice = said("See whether that computer is on, and whether its port is open.")
    return Finding(topic=Topic.INITIAL_PEERS, grade=grade, sentence=sentence, advice=advice)


def _reach(facts: Facts) -> Iterator[Finding]:
    reach = reach_of(facts)
    if facts.node.failure is None:
        yield Finding(
            topic=Topic.REACH,
            grade=_GRADES[reach],
            sentence=_SENTENCES[reach],
            advice=_ADVICE.get(reach) or _way_in(facts) if reach is not Reach.DIRECT else "",
        )


_GRADES = {
    Reach.DIRECT: Grade.GOOD,
    Reach.RELAYED: Grade.HINT,
    Reach.NOT_AT_ALL: Grade.BAD,
    Reach.PRIVATE: Grade.GOOD,
    Reach.UNKNOWN: Grade.HINT,
}
_SENTENCES = {
    Reach.DIRECT: said("Other computers reach this one directly."),
    Reach.RELAYED: said("Other computers reach this one only by way of relays, which is slower."),
    Reach.NOT_AT_ALL: said("Other computers cannot reach this one: it can chat, but not give."),
    Reach.PRIVATE: said("Only this computer takes part, as it was told: it listens on loopback alone."),
    Reach.UNKNOWN: said("Whether other computers reach this one is not known: nobody could be asked."),
}
_ADVICE = {
    Reach.PRIVATE: said(
        "To share with others, run with --peer ADDRESS, or with --listen /ip4/0.0.0.0/tcp/31337."
    ),
    Reach.UNKNOWN: said("Look again once it has joined others: by an invite link, --peer ADDRESS or --lan."),
}


def _way_in(facts: Facts) -> str:
    """What lets others in."""
    ports = _ports_in_words(facts)
    if _is_behind_nat(facts):
        return _through_router(facts.interfaces, ports)
    return said(
        "Let the firewalls of this computer and its network take connections to {ports}.", ports=ports
    )


def _ports_in_words(facts: Facts) -> str:
    """The engine's own, by which others join, and its block server's."""
    doors = ((*facts.node.visible, *facts.node.listen), facts.node.giving)
    ports = dict.fromkeys(port for addresses in doors if (port := _port_of(addresses)))
    if len(ports) > 1:
        return said("TCP ports {ports}", ports=both(list(ports)))
    return said("TCP port {port}", port=next(iter(ports), DEFAULT_PORT))


def _through_router(interfaces: Interfaces, ports: str) -> str:
    if any(ipaddress.ip_address(text) in _SHARED_BY_PROVIDERS for text in interfaces.ipv4):
        return said(
            "Your provider shares one address among many: ask it for an address of your own, or for IPv6."
        )
    return said(
        "Switch on automatic port mapping (UPnP) in your router, or have it pass {ports} on to {local}; they "
        "stay the same.",
        ports=ports,
        local=next(filter(interfaces.leaves_by.__contains__, interfaces.ipv4), said("this computer")),
    )


def _is_behind_nat(facts: Facts) -> bool:
    """Others see an address that this computer does not have."""
    return bool(_seen_hosts(facts) - facts.interfaces.all)


def _seen_hosts(facts: Facts) -> set[str]:
    hosts = (host_of(view.address) for view in facts.views)
    return {str(host) for host in hosts if host is not None and not host.is_loopback}


def _port_of(addresses: Iterable[str]) -> str | None:
    """Of the first that leads to this computer directly."""
    return next(map(str, listening_ports(addresses)), None)


def _ipv6(facts: Facts) -> Iterator[Finding]:
    listens = any(address.startswith("/ip6/") for address in facts.node.listen)
    if not facts.interfaces.public_ipv6 or listens or reach_of(facts) in (Reach.PRIVATE, Reach.DIRECT):
        return
    port = _port_of((*facts.node.visible, *facts.node.listen)) or DEFAULT_PORT
    yield Finding(
        topic=Topic.IPV6,
        grade=Grade.HINT,
        sentence=said("This computer has a public IPv6 address, and listens on IPv4 alone."),
        advice=said("Run with --listen /ip4/0.0.0.0/tcp/{port} --listen /ip6/::/tcp/{port}.", port=port),
    )


def _clock(facts: Facts) -> Iterator[Finding]:
    views = [view for view in facts.views if not _is_of_this_computer(view)]
    if not views:
        return
    ahead = median(view.clock_ahead for view in views)
    doubt = max(view.uncertainty for view in views)
    if abs(ahead) - doubt <= CLOCK_SECONDS:
        sentence = said("This computer's clock agrees with the clocks of others.")
        yield Finding(topic=Topic.CLOCK, grade=Grade.GOOD, sentence=sentence)
        return
    yield Finding(
        topic=Topic.CLOCK,
        grade=Grade.BAD,
        sentence=_wrong_clock(round(abs(ahead)), is_behind=ahead > 0, asked=len(views)),
        advice=said("Have the system set its clock by the network."),
    )


def _wrong_clock(seconds: int, is_behind: bool, asked: int) -> str:
    whose = said("those of others") if asked > 1 else said("the one computer that was asked")
    if is_behind:
        return said(
            "This computer's clock is {seconds} s behind {whose}: announcements look expired.",
            seconds=seconds,
            whose=whose,
        )
    return said(
        "This computer's clock is {seconds} s ahead of {whose}: announcements look expired.",
        seconds=seconds,
        whose=whose,
    )


def _is_of_this_computer(view: View) -> bool:
    """Such as the engine's own block server, whose clock is the same."""
    host = host_of(view.address)
    return host is not None and host.is_loopback


def _disk(facts: Facts) -> Iterator[Finding]:
    if facts.disk.free < SCARCE_BYTES:
        yield _scarce(facts.disk)


def _scarce(disk: Disk) -> Finding:
    return Finding(
        topic=Topic.DISK,
        grade=Grade.BAD if disk.free < TOO_FEW_BYTES else Grade.HINT,
        sentence=said("Only {free:bytes} are free for layers in {path}.", free=disk.free, path=disk.path),
        advice=said("Free some space, or remove models with `potluck-engine models remove`."),
    )
