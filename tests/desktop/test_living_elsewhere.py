"""The window's link with real engines: one elsewhere, which comes and goes, and this computer's meanwhile."""

import os
import signal
import socket
from pathlib import Path

from desktop.app_state import Help, LinkPhase
from engine.api.known_engines import KnownEngine
from engine.api.run_file import RunFile
from engine.settings import Paths
from tests.desktop.conftest import until
from tests.desktop.living import SLOW, Bench, Hasty, Seen, alive, following, other_engine


async def look_at(bench: Bench, other: RunFile) -> None:
    bench.link.look_at(KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key))
    await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)


async def test_an_engine_elsewhere_is_followed_and_this_computers_goes_on(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        known = KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key)
        bench.link.look_at(known)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert bench.state.elsewhere == known.address
        assert bench.link.engine.key == other.key
        assert alive(own)
        os.kill(other.pid, signal.SIGKILL)
        assert (
            await bench.lost(Help.RETRY) == f"{known.address} cannot be reached: see that Potluck runs there."
        )
        bench.link.look_at(None)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert (bench.state.elsewhere, bench.run.pid) == ("", own)


async def test_this_computers_engine_is_started_again_while_another_is_looked_at(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        await look_at(bench, other)
        seen = Seen(bench.state)
        os.kill(own, signal.SIGKILL)
        await until(lambda: seen.own_troubles, SLOW)
        await until(lambda: bench.found.alive and bench.state.own_trouble is None, SLOW)
        assert bench.run.pid != own
        assert seen.own_troubles[0] == (
            "On this computer: Potluck's engine was ended from outside (signal 9)."
        )
        assert seen.phases == {LinkPhase.CONNECTED}
        assert bench.state.crash is not None
        assert bench.state.crash.sentence == seen.own_troubles[0]
        own = bench.run.pid
        bench.link.look_at(None)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert bench.run.pid == own


async def test_an_adopted_engine_that_ends_elsewhere_is_looked_after_too(home: Paths, tmp_path: Path) -> None:
    async with (
        other_engine(home.data.parent) as own,
        other_engine(tmp_path / "other") as other,
        following(Bench(home)) as bench,
    ):
        assert await bench.connected() == own.pid
        bench.link.look_at(KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key))
        await until(lambda: bench.link.own.knows_it, SLOW)
        seen = Seen(bench.state)
        os.kill(own.pid, signal.SIGKILL)
        await until(lambda: bench.process.alive and bench.found.alive, SLOW)
        assert seen.own_troubles[0].startswith("On this computer: Potluck's engine has ended.")


async def test_a_taken_port_of_this_computers_engine_is_told_while_another_is_looked_at(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        await look_at(bench, other)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            home.settings_file.write_text(f"[api]\nport = {taken.getsockname()[1]}\n")
            os.kill(own, signal.SIGTERM)
            await until(lambda: (told := bench.state.own_trouble) and told.help is Help.FREE_PORT, SLOW)
            assert bench.state.phase is LinkPhase.CONNECTED
            bench.link.own.help()
            await until(lambda: bench.state.own_trouble is None, SLOW)
            assert bench.found.alive


async def test_the_key_of_an_engine_elsewhere_is_asked_for_again_where_it_is_wrong(
    home: Paths, tmp_path: Path
) -> None:
    bench = Bench(home)
    async with other_engine(tmp_path / "other") as other:
        address = f"127.0.0.1:{other.port}"
        bench.link.look_at(KnownEngine(address=address, key="w" * 32))
        async with following(bench):
            assert (await bench.lost(Help.ENGINES)).startswith(f"{address} does not accept the key")
            assert not bench.process.started


async def test_an_engine_elsewhere_that_hangs_is_told_and_followed_again_when_it_wakes_up(
    home: Paths, tmp_path: Path
) -> None:
    async with (
        other_engine(tmp_path / "other") as other,
        following(Bench(home, reach=Hasty.elsewhere)) as bench,
    ):
        known = KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key)
        bench.link.look_at(known)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        os.kill(other.pid, signal.SIGSTOP)
        told = await bench.lost(Help.RETRY)
        assert told == f"{known.address} does not answer: is it awake, and is the address right?"
        os.kill(other.pid, signal.SIGCONT)
        await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)


async def test_an_engine_elsewhere_that_comes_back_is_followed_again(home: Paths, tmp_path: Path) -> None:
    async with following(Bench(home)) as bench:
        async with other_engine(tmp_path / "other") as other:
            known = KnownEngine(address=f"127.0.0.1:{other.port}", key=other.key)
            bench.link.look_at(known)
            await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)
        assert (await bench.lost(Help.RETRY)).startswith(f"{known.address} cannot be reached")
        async with other_engine(tmp_path / "other", port=other.port):
            await until(lambda: bench.state.phase is LinkPhase.CONNECTED, SLOW)


async def test_an_own_engine_that_hangs_is_told_and_mended_while_another_is_looked_at(
    home: Paths, tmp_path: Path
) -> None:
    async with following(Bench(home)) as bench, other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        os.kill(own, signal.SIGSTOP)
        await look_at(bench, other)
        seen = Seen(bench.state)
        await until(lambda: (told := bench.state.own_trouble) and told.help is Help.RESTART, SLOW)
        assert seen.own_troubles == ["On this computer: Potluck's engine runs, but it does not answer."]
        bench.link.own.help()
        await until(lambda: not alive(own) and bench.found.alive and bench.state.own_trouble is None, SLOW)
        assert seen.phases == {LinkPhase.CONNECTED}
        assert bench.state.crash is None


async def test_an_own_engine_that_hung_meanwhile_is_told_on_the_way_back(home: Paths, tmp_path: Path) -> None:
    async with following(Bench(home)) as bench, other_engine(tmp_path / "other") as other:
        own = await bench.connected()
        await look_at(bench, other)
        os.kill(own, signal.SIGSTOP)
        bench.link.look_at(None)
        assert await bench.lost(Help.RESTART) == "Potluck's engine runs, but it does not answer."
        bench.link.help()
        await bench.connected(own)
        assert not alive(own)
