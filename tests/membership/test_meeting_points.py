"""Which addresses an invite link names."""

from hypothesis import given
from hypothesis import strategies as st

from engine.membership.invite import MAX_PEERS
from engine.membership.meeting_points import meeting_points
from engine.settings import is_loopback
from tests.membership.peers import ADDRESS, OTHER_ADDRESS, peer_addresses

LOOPBACK = ADDRESS.replace("192.0.2.7", "127.0.0.1")


def test_each_node_has_its_turn() -> None:
    own = [ADDRESS.replace("192.0.2.7", f"192.0.2.{n}") for n in range(1, 9)]
    assert meeting_points(own, [OTHER_ADDRESS]) == (own[0], OTHER_ADDRESS, *own[1:7])


def test_loopback_counts_only_where_there_is_nothing_else() -> None:
    assert meeting_points([LOOPBACK, ADDRESS], [LOOPBACK]) == (ADDRESS,)
    assert meeting_points([LOOPBACK], []) == (LOOPBACK,)


def test_what_leads_nowhere_else_is_left_out() -> None:
    one_cable = ADDRESS.replace("/ip4/192.0.2.7", "/ip6/fe80::1")
    assert meeting_points([one_cable, "nonsense", "/ip4/192.0.2.7/tcp/1"], []) == ()


@given(st.lists(st.lists(st.one_of(peer_addresses(), st.just(LOOPBACK), st.text(max_size=9))), max_size=4))
def test_they_fit_into_a_link(nodes: list[list[str]]) -> None:
    found = meeting_points(*nodes)
    assert len(found) == len(set(found)) <= MAX_PEERS
    assert len({is_loopback(address) for address in found}) <= 1
    assert set(found) <= {address for node in nodes for address in node}
