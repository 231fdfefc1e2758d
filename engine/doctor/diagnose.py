"""From facts to findings, each a plain sentence and what to do: pure."""

import ipaddress
from collections.abc import Iterable, Iterator
from statistics import median

from engine.api.doctor_schema import Diagnosis, Finding, Grade, Reach, Topic
from engine.byte_sizes import size_in_words
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
        text = f"This computer has a way to the internet by {' and '.join(kinds)}."
        yield Finding(topic=Topic.WAY_OUT, grade=Grade.GOOD, sentence=text)
    else:
        yield Finding(
            topic=Topic.WAY_OUT,
            grade=Grade.BAD,
            sentence="This computer has no way to the internet.",
            advice="Check its cable or Wi-Fi; a swarm in the same room works without.",
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
    if known == 1:
        return f"The one known address of the swarm {'can' if answering else 'cannot'} be reached."
    return f"Of the swarm's {known} known addresses, {answering} can be reached."


def _silent(peer: InitialPeer, grade: Grade) -> Finding:
    if peer.door_opens:
        what = "takes connections, but not as this member of the swarm"
        advice = (
            "Ask there for the address as `potluck-engine status` prints it now, for the same version, "
            "and, if the swarm is a private one, for an invite link."
        )
    else:
        what = "does not answer"
        advice = "See whether that computer is on, and whether its port is open."
    return Finding(topic=Topic.INITIAL_PEERS, grade=grade, sentence=f"{peer.address} {what}.", advice=advice)


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
    Reach.DIRECT: "Other computers reach this one directly.",
    Reach.RELAYED: "Other computers reach this one only by way of relays, which is slower.",
    Reach.NOT_AT_ALL: "Other computers cannot reach this one: it can chat, but not give.",
    Reach.PRIVATE: "Only this computer takes part, as it was told: it listens on loopback alone.",
    Reach.UNKNOWN: "Whether other computers reach this one is not known: nobody could be asked.",
}
_ADVICE = {
    Reach.PRIVATE: "To share with others, run with --peer ADDRESS, or with --listen /ip4/0.0.0.0/tcp/31337.",
    Reach.UNKNOWN: "Look again once it has joined others: by an invite link, --peer ADDRESS or --lan.",
}


def _way_in(facts: Facts) -> str:
    """What lets others in."""
    ports = _ports_in_words(facts)
    if _is_behind_nat(facts):
        return _through_router(facts.interfaces, ports)
    return f"Let the firewalls of this computer and its network take connections to {ports}."


def _ports_in_words(facts: Facts) -> str:
    """The engine's own, by which others join, and its block server's."""
    doors = ((*facts.node.visible, *facts.node.listen), facts.node.giving)
    ports = dict.fromkeys(port for addresses in doors if (port := _port_of(addresses)))
    return f"TCP port{'s' if len(ports) > 1 else ''} {' and '.join(ports) or DEFAULT_PORT}"


def _through_router(interfaces: Interfaces, ports: str) -> str:
    if any(ipaddress.ip_address(text) in _SHARED_BY_PROVIDERS for text in interfaces.ipv4):
        return "Your provider shares one address among many: ask it for an address of your own, or for IPv6."
    local = next((text for text in interfaces.ipv4 if text in interfaces.leaves_by), "this computer")
    return (
        "Switch on automatic port mapping (UPnP) in your router, or have it pass "
        f"{ports} on to {local}; they stay the same."
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
        sentence="This computer has a public IPv6 address, and listens on IPv4 alone.",
        advice=f"Run with --listen /ip4/0.0.0.0/tcp/{port} --listen /ip6/::/tcp/{port}.",
    )


def _clock(facts: Facts) -> Iterator[Finding]:
    views = [view for view in facts.views if not _is_of_this_computer(view)]
    if not views:
        return
    ahead = median(view.clock_ahead for view in views)
    doubt = max(view.uncertainty for view in views)
    if abs(ahead) - doubt <= CLOCK_SECONDS:
        sentence = "This computer's clock agrees with the clocks of others."
        yield Finding(topic=Topic.CLOCK, grade=Grade.GOOD, sentence=sentence)
        return
    yield Finding(
        topic=Topic.CLOCK,
        grade=Grade.BAD,
        sentence=f"This computer's clock is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} "
        f"{'those of others' if len(views) > 1 else 'the one computer that was asked'}: "
        "announcements look expired.",
        advice="Have the system set its clock by the network.",
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
        sentence=f"Only {size_in_words(disk.free)} are free for layers in {disk.path}.",
        advice="Free some space, or remove models with `potluck-engine models remove`.",
    )
