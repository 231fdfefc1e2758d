"""A port that stays the same while it is free."""

import logging
import socket
from pathlib import Path

import pytest

from engine.network.ports import stable_listen

ANY = ("/ip4/127.0.0.1/tcp/0", "/ip6/::1/tcp/0")


def port_of(listen: tuple[str, ...]) -> int:
    (port,) = {int(address.rpartition("/")[2]) for address in listen}
    return port


def test_the_port_stays_the_same(tmp_path: Path) -> None:
    file = tmp_path / "data" / "engine.port"
    port = port_of(stable_listen(ANY, file))
    assert port >= 1024
    assert [port_of(stable_listen(ANY, file)) for _ in range(3)] == [port] * 3


def test_a_port_that_was_asked_for_is_left_alone(tmp_path: Path) -> None:
    asked = ("/ip4/0.0.0.0/tcp/31337",)
    assert stable_listen(asked, tmp_path / "port") == asked
    assert not (tmp_path / "port").exists()


def test_where_the_port_is_taken_another_one_is_used_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "port"
    port = port_of(stable_listen(ANY, file))
    with socket.create_server(("127.0.0.1", port)):
        other = port_of(stable_listen(ANY, file))
    assert other != port
    assert port_of(stable_listen(ANY, file)) == other


@pytest.mark.parametrize("content", ["", "noise", "0", "80", "70000", "-1", "9" * 5000, "\x00\xff"])
def test_a_damaged_file_means_a_new_port(tmp_path: Path, content: str) -> None:
    file = tmp_path / "port"
    file.write_text(content)
    assert 1024 <= port_of(stable_listen(ANY, file)) <= 65535


def test_a_folder_that_takes_nothing_costs_the_memory_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, expected_logs: list[str]
) -> None:
    expected_logs.append("The port cannot be remembered")
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        assert port_of(stable_listen(ANY, tmp_path / "file" / "port")) >= 1024


async def test_a_node_comes_back_where_it_was(start_node, tmp_path: Path) -> None:
    files = dict(identity=tmp_path / "node.key", port_file=tmp_path / "node.port")
    first = await start_node(**files)
    await first.stop()
    assert (await start_node(**files)).addresses == first.addresses


async def test_two_nodes_of_one_file_stand_side_by_side(start_node, tmp_path: Path) -> None:
    first, second = [await start_node(port_file=tmp_path / "node.port") for _ in range(2)]
    assert first.addresses[0].split("/")[4] != second.addresses[0].split("/")[4]
