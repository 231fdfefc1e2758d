"""Which addresses a server dials because a client named them."""

import pytest

from engine.host.dialling import worth_dialling

PUBLIC = (
    "/ip4/8.8.4.4/tcp/31330",
    "/ip6/2606:4700::1111/tcp/31330",
    "/ip4/9.9.9.9/udp/1/quic-v1/p2p/Qm/p2p-circuit",
)
INSIDE = (
    "/ip4/127.0.0.1/tcp/22",
    "/ip4/192.168.1.1/tcp/80",
    "/ip6/::1/tcp/80",
    "/ip4/169.254.169.254/tcp/80",
)
UNCLEAR = ("/dns4/router.local/tcp/80", "/ip4/8.8.4.4.example/tcp/1", "", "/", "ip4", "/unix/run/socket")


@pytest.mark.parametrize("own", [PUBLIC[:1], (INSIDE[1], PUBLIC[1])])
def test_a_server_on_the_internet_dials_nothing_else(own: tuple[str, ...]) -> None:
    assert worth_dialling((*INSIDE, *PUBLIC, *UNCLEAR), own) == PUBLIC


@pytest.mark.parametrize("own", [(), INSIDE[:2]])
def test_in_a_network_of_one_s_own_everything_is_near(own: tuple[str, ...]) -> None:
    assert worth_dialling((*INSIDE, *PUBLIC), own) == (*INSIDE, *PUBLIC)
