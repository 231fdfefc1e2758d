"""Nodes that find each other over multicast, on the loopback interface alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from engine.network import lan as lan_module
from engine.network.directory import Directory
from engine.network.lan import Lan
from engine.network.node import Node
from engine.wire.lan import SERVICE
from tests.network.test_directory import MODEL, span

HERE = ("127.0.0.1",)
SOON = 40.0  # seconds; multicast questions come at random after a start

OpenLan = Callable[..., Awaitable[Lan]]


@pytest.fixture
async def open_lan() -> AsyncIterator[OpenLan]:
    """`open_lan(node, swarm, looks=True)`: the node's presence in the local network."""
    opened: list[Lan] = []

    async def open_(node: Node, swarm: str, looks: bool = True, loopback: bool = True) -> Lan:
        opened.append(await Lan.open(swarm, HERE, loopback))
        opened[-1].start(node, looks)
        return opened[-1]

    yield open_
    for lan in opened:
        await lan.close()


async def announced(expected: set[str]) -> set[str]:
    """The names of Potluck's services that a bystander hears of until it knows these, and a moment longer."""
    names: set[str] = set()

    def on_change(zeroconf, service_type, name, state_change) -> None:
        names.add(name)

    zeroconf = AsyncZeroconf(interfaces=list(HERE))
    browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE, handlers=[on_change])
    async with asyncio.timeout(SOON):
        while not expected <= names:  # noqa: ASYNC110 (a plain set)
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)
    await browser.async_cancel()
    await zeroconf.async_close()
    return names


async def test_two_nodes_find_each_other_without_an_address_typed(start_node, open_lan: OpenLan) -> None:
    first, second = await start_node(), await start_node()
    await Directory(first).announce(span(first.peer_id))
    assert await Directory(second).spans(MODEL) == ()
    await open_lan(first, "unison", looks=False)
    assert await (await open_lan(second, "unison")).has_met(SOON)
    assert [record.peer for record in await Directory(second).spans(MODEL)] == [first.peer_id]


async def test_a_later_node_is_found_by_those_that_keep_looking(start_node, open_lan: OpenLan) -> None:
    first = await start_node()
    lan = await open_lan(first, "patience")
    assert not await lan.has_met(0.5)  # itself is nobody to meet
    await open_lan(await start_node(), "patience", looks=False)
    assert await lan.has_met(SOON)


async def test_other_swarms_are_left_alone_and_who_cannot_be_reached_is_not_announced(
    start_node, open_lan: OpenLan
) -> None:
    own, other, hidden = await start_node(), await start_node(), await start_node()
    await open_lan(other, "theirs", looks=False)
    await open_lan(hidden, "ours", looks=False, loopback=False)
    lan = await open_lan(own, "ours")
    names = await announced({f"{node.peer_id}.{SERVICE}" for node in (own, other)})
    assert f"{hidden.peer_id}.{SERVICE}" not in names
    assert not await lan.has_met(0.1)
    assert await own.peers() == 0


async def test_a_stranger_who_announces_nonsense_is_passed_over(
    start_node, open_lan: OpenLan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lan_module, "LOOK_SECONDS", 0.2)
    rogue = AsyncZeroconf(interfaces=list(HERE))
    first, second = await start_node(), await start_node()
    impostor = AsyncServiceInfo(
        SERVICE,
        f"impostor.{SERVICE}",
        port=1,
        properties={"peer": first.peer_id, "swarm": "wary"},
        parsed_addresses=["127.0.0.1"],
    )
    nonsense = AsyncServiceInfo(
        SERVICE, f"nonsense.{SERVICE}", port=1, properties={"peer": b"\xff"}, parsed_addresses=["127.0.0.1"]
    )
    for service in (impostor, nonsense):
        await (await rogue.async_register_service(service))
    await open_lan(first, "wary", looks=False)
    lan = await open_lan(second, "wary")
    assert await lan.has_met(SOON)
    assert set(lan._found) <= {f"{node.peer_id}.{SERVICE}" for node in (first, second)}
    await rogue.async_unregister_all_services()
    await rogue.async_close()
