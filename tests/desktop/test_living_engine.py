"""The window's link with a real engine process that crashes, hangs, loses its key or its port."""

import os
import signal
import socket

from PySide6.QtWidgets import QApplication

from desktop.app_state import Help
from desktop.os_glue.language import speak
from engine.api.run_file import RunFile, write_run_file
from engine.settings import Paths
from tests.desktop.conftest import until
from tests.desktop.living import COMMAND, SLOW, Bench, alive, following, sleeping_engine, stranger


async def test_a_killed_engine_is_told_with_its_number_and_started_again(home: Paths) -> None:
    async with following(Bench(home)) as bench:
        said: list[str] = []
        bench.state.changed.connect(lambda: said.append(bench.state.sentence))
        first = await bench.connected()
        os.kill(first, signal.SIGKILL)
        second = await bench.connected(first)
        assert "Potluck's engine was ended from outside (signal 9)." in said
        assert bench.state.crash is not None
        os.kill(second, signal.SIGKILL)
        await bench.connected(second)
        assert any("It ended 2 times within" in sentence for sentence in said)


async def test_an_engine_that_hangs_is_ended_and_started_anew_on_demand(home: Paths) -> None:
    bench = Bench(home)
    bench.process.start()
    await until(home.run_file.exists, SLOW)
    first = bench.run.pid
    os.kill(first, signal.SIGSTOP)
    async with following(bench):
        assert await bench.lost(Help.RESTART) == "Potluck's engine runs, but it does not answer."
        bench.link.help()
        await bench.connected(first)
        assert not alive(first)


async def test_an_engine_that_wakes_up_again_is_followed_again(home: Paths) -> None:
    async with following(Bench(home)) as bench:
        first = await bench.connected()
        os.kill(first, signal.SIGSTOP)
        await bench.lost(Help.RESTART)
        os.kill(first, signal.SIGCONT)
        assert await bench.connected() == first


async def test_a_run_file_that_is_replaced_or_gone_comes_back(home: Paths) -> None:
    async with following(Bench(home)) as bench:
        pid = await bench.connected()
        true = bench.run
        write_run_file(home.run_file, true.model_copy(update={"key": "k" * 32}))
        await until(lambda: bench.run == true, SLOW)
        home.run_file.unlink()
        await until(home.run_file.exists, SLOW)
        assert bench.run == true
        assert bench.run.pid == pid


async def test_an_engine_that_does_not_know_the_key_is_replaced_on_demand(home: Paths) -> None:
    bench = Bench(home)
    bench.process.start()
    await until(home.run_file.exists, SLOW)
    first, bench.key = bench.run.pid, "another-key-than-its-own"
    async with following(bench):
        said = await bench.lost(Help.RESTART)
        assert said == "This window no longer has the key of Potluck's engine."
        bench.key = ""
        bench.link.help()
        await bench.connected(first)


async def test_a_port_that_is_taken_is_told_and_a_free_one_helps(home: Paths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.settings_file.parent.mkdir(parents=True, exist_ok=True)
        port = taken.getsockname()[1]
        home.settings_file.write_text(f"[api]\nport = {port}\n")
        async with following(Bench(home)) as bench:
            assert (await bench.lost(Help.FREE_PORT)).startswith("Another program uses the port")
            assert bench.state.crash is None
            bench.link.help()
            await bench.connected()
            assert bench.run.port != port


async def test_another_program_at_the_number_and_port_of_a_dead_engine_is_left_alone(home: Paths) -> None:
    async with stranger(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>") as port:
        write_run_file(home.run_file, RunFile(port=port, key="k" * 32, pid=os.getpid(), version="0.1.0"))
        async with following(Bench(home)) as bench:
            assert await bench.connected(os.getpid()) != os.getpid()


async def test_an_engine_of_another_version_is_named_and_replaced_on_demand(home: Paths) -> None:
    body = b'{"version": "0.0.9", "condition": {"reason": "singing"}}'
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    async with stranger(answer) as port, sleeping_engine() as pid:
        write_run_file(home.run_file, RunFile(port=port, key="k" * 32, pid=pid, version="0.0.9"))
        async with following(Bench(home)) as bench:
            said = await bench.lost(Help.RESTART)
            assert said.startswith("Potluck's engine is of version 0.0.9 and this window of")
            bench.link.help()
            await bench.connected(pid)


async def test_two_windows_share_an_engine_and_the_one_that_comes_after_it(home: Paths) -> None:
    async with following(Bench(home)) as one:
        first = await one.connected()
        async with following(Bench(home)) as other:
            assert await other.connected() == first
            os.kill(first, signal.SIGKILL)
            second = await one.connected(first)
            assert await other.connected(first) == second
            await until(lambda: [each.process.alive for each in (one, other)].count(True) == 1, SLOW)


async def test_why_an_engine_cannot_start_is_said_in_the_owners_language(
    home: Paths, silenced_after: QApplication
) -> None:
    speak(silenced_after, "de")
    home.lock_file.mkdir(parents=True)
    async with following(Bench(home, (*COMMAND, "--json"))) as bench:
        said = await bench.lost(Help.RETRY)
    assert said.startswith("Potlucks Engine ist abgestürzt: ")
    assert str(home.lock_file) in said
    assert "Sieh nach, ob Potluck in seine Ordner schreiben" in said
    assert bench.state.crash is not None
