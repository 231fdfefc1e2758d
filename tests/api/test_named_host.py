"""An engine on a computer that is called by its name."""

import asyncio
import socket
from collections.abc import Sequence

import httpx
import pytest

from engine.api.client import EngineClient
from engine.api.known_engines import KnownEngine
from engine.api.named_host import ByName, addresses_of
from engine.errors import NoSuchComputer, NotRunning

from .conftest import KEY, Door


class Directory:
    """Knows one name; counts how often it is asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked = addresses, 0

    async def __call__(self, name: str) -> Sequence[str]:
        self.asked += 1
        if name != "kitchen.local":
            raise NoSuchComputer(f"{name}?")
        return self.addresses


def called(door: Door, directory: Directory, name: str = "kitchen.local") -> EngineClient:
    carrier = httpx.AsyncHTTPTransport(trust_env=False)
    return EngineClient(f"http://{name}:{door.port}", KEY, ByName(carrier, directory))


async def test_it_is_asked_by_its_numbers_which_are_looked_up_once(door: Door) -> None:
    directory = Directory("127.0.0.1")
    async with called(door, directory) as engine:
        first, second = await engine.status(), await engine.status()
        assert first == second
        async for snapshot in engine.snapshots():
            assert snapshot == first
            break
    assert directory.asked == 1


async def test_where_one_address_is_dead_the_next_is_tried_and_kept_to(door: Door) -> None:
    directory = Directory("127.0.0.2", "127.0.0.1")  # the door listens at the latter alone
    async with called(door, directory) as engine:
        await engine.status()
        directory.addresses = ("127.0.0.2",)
        await engine.status()
    assert directory.asked == 1


async def test_when_all_addresses_are_dead_it_cannot_be_reached_and_may_have_moved(door: Door) -> None:
    directory = Directory("127.0.0.2")
    async with called(door, directory) as engine:
        with pytest.raises(NotRunning):
            await engine.status()
        directory.addresses = ("127.0.0.1",)
        await engine.status()
    assert directory.asked == 2


async def test_a_name_that_nobody_knows_is_named(door: Door) -> None:
    async with called(door, Directory(), "pantry.local") as engine:
        with pytest.raises(NoSuchComputer, match="pantry"):
            await engine.status()


async def test_the_systems_own_names_are_found_and_made_up_ones_are_not() -> None:
    assert "127.0.0.1" in await addresses_of("localhost")
    with pytest.raises(NoSuchComputer, match=r"^No computer called .+ is found from here"):
        await addresses_of("a" * 64 + ".invalid")  # no name at all: nobody is asked


async def test_addresses_that_count_on_one_link_only_are_left_out_and_ipv4_is_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1%2", 0, 0, 2)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fd00::5", 0, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 0)),
    ]

    async def look_up(*_: object, **__: object) -> list[object]:
        return list(found)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    assert await addresses_of("kitchen.local") == ["10.0.0.5", "fd00::5"]
    del found[1:]
    with pytest.raises(NoSuchComputer):
        await addresses_of("kitchen.local")


async def test_numbers_are_asked_as_they_are(door: Door) -> None:
    async with EngineClient.elsewhere(KnownEngine(address=f"127.0.0.1:{door.port}", key=KEY)) as engine:
        assert (await engine.status()).version


async def test_the_name_of_an_engine_elsewhere_is_looked_up(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.api.named_host.addresses_of", Directory("127.0.0.1"))
    known = KnownEngine(address=f"kitchen.local:{door.port}", key=KEY)
    async with EngineClient.elsewhere(known) as engine:
        assert (await engine.status()).version
