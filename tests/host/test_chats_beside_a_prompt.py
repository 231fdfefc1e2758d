"""What chats keep of their rate while a long prompt goes through the same chain, in virtual time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.prompt_share import HELD_TIMES
from tests.host.chain_in_virtual_time import CHUNK, Chain, Costs

LONG = 2048


def kept_beside(chain: Chain, tokens: int = LONG) -> tuple[float, float]:
    """The share of their rate, and the seconds that the prompt took."""
    chain.rate(2.0)
    alone = chain.rate(4.0)
    seconds, beside = chain.read(tokens)
    return beside / alone, seconds


@pytest.mark.parametrize(
    ("servers", "chats", "link"),
    [(1, 8, 0.0015), (3, 8, 0.0015), (3, 8, 0.02), (3, 8, 0.1), (3, 3, 0.0015), (3, 1, 0.0015), (8, 8, 0.01)],
)
def test_chats_keep_most_of_their_rate(servers: int, chats: int, link: float) -> None:
    kept, seconds = kept_beside(Chain(servers, chats, link))
    assert kept >= 0.62
    assert seconds <= 2 * LONG / CHUNK * 4.0  # nor is the prompt forgotten


def test_a_chain_does_not_run_whole_steps_because_others_hold_its_chats_up() -> None:
    """Where one server's piece lets the others forget who decodes, they hold each other up for good."""
    chain = Chain()
    kept_beside(chain)
    whole = chain.costs.of(1, CHUNK, LONG)
    assert max(seconds for host in chain.hosts for seconds in host.piece_seconds) < whole / 2


@settings(max_examples=15, deadline=None)
@given(
    servers=st.integers(1, 4),
    chats=st.integers(0, 6),
    link=st.floats(0.0005, 0.2),
    token=st.floats(0.0002, 0.003),
)
def test_every_prompt_comes_to_its_end_within_what_its_client_waits(
    servers: int, chats: int, link: float, token: float
) -> None:
    chain = Chain(servers, chats, link, costs=Costs(token=token, key=0.0))
    chain.rate(1.0)
    seconds, _ = chain.read(2 * CHUNK)
    at_once = chain.costs.of(1, CHUNK, 0)
    assert seconds <= servers * 2 * max(4.0, HELD_TIMES * at_once) + 3.0


def test_alone_a_prompt_is_read_as_fast_as_its_servers_compute() -> None:
    chain = Chain(chats=0)
    seconds, _ = chain.read(LONG)
    own = max(sum(host.piece_seconds) for host in chain.hosts)
    assert seconds <= own + 2 * chain.costs.of(1, CHUNK, LONG) + 0.01
    assert all(len(host.piece_seconds) == LONG // CHUNK for host in chain.hosts)
