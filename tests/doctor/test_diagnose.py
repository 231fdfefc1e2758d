"""What the doctor says, for each state of affairs."""

from dataclasses import replace

import pytest

from engine.api.doctor_schema import Diagnosis, Finding, Grade, Reach, Topic
from engine.cli.doctor import diagnosis_text
from engine.doctor.diagnose import diagnose
from engine.doctor.facts import Disk, Facts, InitialPeer, Interfaces, NodeFacts
from engine.network.reach import View
from engine.wire.reach import DialBack

PEER = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"
HOME = Interfaces(("192.168.1.7",), (), ("192.168.1.7",))
EVERYWHERE = ("/ip4/0.0.0.0/tcp/0",)
VISIBLE = (f"/ip4/192.168.1.7/tcp/4001/p2p/{PEER}",)
CIRCUIT = f"/ip4/203.0.113.1/tcp/1/p2p/{PEER}/p2p-circuit/p2p/{PEER}"


def view(outcome: DialBack, host: str = "203.0.113.7", ahead: float = 0.0) -> View:
    return View(PEER, f"/ip4/{host}/tcp/50000", outcome, ahead, 0.01)


def facts(*views: View, **changes: object) -> Facts:
    plain = Facts(HOME, NodeFacts(EVERYWHERE, VISIBLE, peers=3), Disk("/store", 100 << 30), (), views)
    return replace(plain, **changes)


def finding(diagnosis: Diagnosis, topic: Topic) -> Finding | None:
    return next((finding for finding in diagnosis.findings if finding.topic is topic), None)


REACHED, NOT_REACHED = view(DialBack.REACHED), view(DialBack.NOT_REACHED)
GIVING = NodeFacts(EVERYWHERE, VISIBLE, (f"/ip4/192.168.1.7/tcp/20345/p2p/{PEER}",), 3)
RELAYED = NodeFacts(EVERYWHERE, (*VISIBLE, CIRCUIT), peers=3)
LOOPBACK = NodeFacts(("/ip4/127.0.0.1/tcp/0",))


@pytest.mark.parametrize(
    ("facts", "reach", "grade", "advice"),
    [
        (facts(REACHED, NOT_REACHED), Reach.DIRECT, Grade.GOOD, ""),
        (facts(NOT_REACHED), Reach.NOT_AT_ALL, Grade.BAD, "pass TCP port 4001 on to 192.168.1.7"),
        (facts(NOT_REACHED, node=GIVING), Reach.NOT_AT_ALL, Grade.BAD, "TCP ports 4001 and 20345 on to"),
        (facts(NOT_REACHED, node=RELAYED), Reach.RELAYED, Grade.HINT, "pass TCP port 4001 on to 192.168.1.7"),
        (facts(REACHED, node=RELAYED), Reach.DIRECT, Grade.GOOD, ""),
        (facts(node=RELAYED), Reach.RELAYED, Grade.HINT, "TCP port 4001"),
        (facts(), Reach.UNKNOWN, Grade.HINT, "--peer"),
        (facts(view(DialBack.TOO_OFTEN)), Reach.UNKNOWN, Grade.HINT, "--peer"),
        (facts(node=LOOPBACK), Reach.PRIVATE, Grade.GOOD, "--listen"),
        (facts(REACHED, node=LOOPBACK), Reach.PRIVATE, Grade.GOOD, "--listen"),
        (
            facts(view(DialBack.NOT_REACHED, "192.168.1.7")),
            Reach.NOT_AT_ALL,
            Grade.BAD,
            "firewalls of this computer and its network take connections to TCP port 4001",
        ),
        (
            facts(NOT_REACHED, interfaces=Interfaces(("100.70.1.2",), (), ("100.70.1.2",))),
            Reach.NOT_AT_ALL,
            Grade.BAD,
            "Your provider shares one address among many",
        ),
    ],
)
def test_who_reaches_this_computer(facts: Facts, reach: Reach, grade: Grade, advice: str) -> None:
    diagnosis = diagnose(facts)
    found = finding(diagnosis, Topic.REACH)
    assert (diagnosis.reach, found.grade) == (reach, grade)
    assert advice in found.advice
    assert bool(advice) == bool(found.advice)
    assert diagnosis.is_good is (grade is not Grade.BAD)


@pytest.mark.parametrize(
    ("ahead", "grade", "words"),
    [
        ((0.0,), Grade.GOOD, "agrees"),
        ((4.9,), Grade.GOOD, "agrees"),
        ((0.0, 0.0, 900.0), Grade.GOOD, "agrees"),  # one of them is wrong
        ((9.0,), Grade.BAD, "9 s behind the one computer that was asked"),
        ((-60.0, -61.0, -59.0), Grade.BAD, "60 s ahead of those of others"),
    ],
)
def test_clocks(ahead: tuple[float, ...], grade: Grade, words: str) -> None:
    found = finding(diagnose(facts(*(view(DialBack.REACHED, ahead=a) for a in ahead))), Topic.CLOCK)
    assert found.grade is grade
    assert words in found.sentence


def test_the_own_block_server_is_no_witness_of_the_clock() -> None:
    assert finding(diagnose(facts(view(DialBack.NOT_TRIED, "127.0.0.1"))), Topic.CLOCK) is None


def test_a_slow_answer_proves_no_wrong_clock() -> None:
    slow = View(PEER, "", DialBack.NOT_ASKED, 7.0, 4.0)
    assert finding(diagnose(facts(slow)), Topic.CLOCK).grade is Grade.GOOD


@pytest.mark.parametrize(
    ("peers", "grade", "words"),
    [
        ((True,), Grade.GOOD, []),
        ((True, False), Grade.HINT, ["does not answer"]),
        ((False,), Grade.BAD, ["does not answer"]),
    ],
)
def test_initial_peers(peers: tuple[bool, ...], grade: Grade, words: list[str]) -> None:
    initial = tuple(InitialPeer(f"/ip4/192.0.2.{n}/tcp/1/p2p/{PEER}", ok) for n, ok in enumerate(peers))
    found = [f for f in diagnose(facts(initial_peers=initial)).findings if f.topic is Topic.INITIAL_PEERS]
    assert found[0].grade is grade
    assert [word in f.sentence for word, f in zip(words, found[1:], strict=True)] == [True] * len(words)


def test_another_program_at_an_initial_address_is_told_apart() -> None:
    peer = InitialPeer(f"/ip4/192.0.2.1/tcp/1/p2p/{PEER}", answers=False, door_opens=True)
    found = diagnose(facts(initial_peers=(peer,))).findings
    assert found[1].sentence == "The one known address of the swarm cannot be reached."
    assert "takes connections, but not as this member" in found[2].sentence
    assert "invite link" in found[2].advice


@pytest.mark.parametrize(
    ("interfaces", "grade", "words"),
    [
        (HOME, Grade.GOOD, "by IPv4."),
        (Interfaces((), ("2a00:1::7",), ("2a00:1::7",)), Grade.GOOD, "by IPv6."),
        (Interfaces(("192.0.2.1",), ("2a00:1::7",), ("192.0.2.1", "2a00:1::7")), Grade.GOOD, "IPv4 and IPv6"),
        (Interfaces(("192.168.1.7",)), Grade.BAD, "no way to the internet"),
        (Interfaces(), Grade.BAD, "no way to the internet"),
    ],
)
def test_the_way_out(interfaces: Interfaces, grade: Grade, words: str) -> None:
    found = finding(diagnose(facts(REACHED, interfaces=interfaces)), Topic.WAY_OUT)
    assert found.grade is grade
    assert words in found.sentence


def test_an_unused_public_ipv6_address_is_a_hint() -> None:
    dual = Interfaces(("192.168.1.7",), ("2a00:1::7", "fd00::1"), ("192.168.1.7", "2a00:1::7"))
    assert (
        "--listen /ip6/::/tcp/4001"
        in finding(diagnose(facts(NOT_REACHED, interfaces=dual)), Topic.IPV6).advice
    )
    both = NodeFacts((*EVERYWHERE, "/ip6/::/tcp/0"), VISIBLE, peers=3)
    for other in (
        facts(REACHED, interfaces=dual),
        facts(NOT_REACHED, interfaces=dual, node=both),
        facts(NOT_REACHED, interfaces=Interfaces(("192.168.1.7",), ("fd00::1",), ())),
    ):
        assert finding(diagnose(other), Topic.IPV6) is None


@pytest.mark.parametrize(("free", "grade"), [(6 << 30, None), (4 << 30, Grade.HINT), (1 << 20, Grade.BAD)])
def test_the_disk(free: int, grade: Grade | None) -> None:
    found = finding(diagnose(facts(REACHED, disk=Disk("/store", free))), Topic.DISK)
    assert (found and found.grade) is grade


def test_without_a_node_its_failure_is_what_counts() -> None:
    diagnosis = diagnose(facts(node=NodeFacts(EVERYWHERE, failure="The network process cannot start.")))
    assert finding(diagnosis, Topic.NETWORK_PROCESS).sentence == "The network process cannot start."
    assert finding(diagnosis, Topic.REACH) is None
    assert not diagnosis.is_good


def test_findings_as_people_read_them() -> None:
    text = diagnosis_text(diagnose(facts(NOT_REACHED)))
    assert "✗ Other computers cannot reach this one: it can chat, but not give.\n  Switch on" in text
    assert f"Others are told: {VISIBLE[0]}" in text
    assert "Others see: 203.0.113.7" in text
