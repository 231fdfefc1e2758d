"""The command line against real processes: the daemon with stand-ins for what is heavy."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import engine as engine_package
from engine import cli
from engine.api.client import EngineClient
from engine.api.run_file import RunFile, read_run_file
from engine.api.schema import Condition, Reason, ServerPhase, Snapshot, SwarmStatus
from engine.api.store_schema import Transfer
from engine.byte_sizes import GB
from engine.cli.running import settings_of
from engine.cli.steering import status_text
from engine.errors import AlreadyRunning, PortInUse
from engine.ledger.given import GivenLedger
from engine.settings import ExchangeSettings, HostSettings, Paths, SwarmSettings
from engine.weights.store.layer_store import LayerStore
from tests.desktop.fake_engine import SERVER
from tests.stored_models import stored_model

MARK = "POTLUCK_HOME"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Potluck home of this test's own; at the end no process of it is left."""
    monkeypatch.setenv(MARK, str(tmp_path))
    yield tmp_path
    left = processes_of(tmp_path)
    for process in left:
        process.kill()
    assert left == []


def processes_of(home: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _home_of(process) == str(home)]


def _home_of(process: psutil.Process) -> str | None:
    if process.pid == os.getpid():
        return None
    try:
        return process.environ().get(MARK)
    except psutil.Error:
        return None


def run_file() -> RunFile:
    return read_run_file(Paths.from_environment().run_file)


def wait_for(condition: Callable[[], bool], patience: float = 30) -> None:
    ends = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.02)


def running() -> bool:
    return Paths.from_environment().run_file.exists()


Launcher = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def launch(home: Path) -> Iterator[Launcher]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(*options: str, manner: str = "good") -> "subprocess.Popen[bytes]":
        command = (sys.executable, "-m", "tests.stand_in_engine", "--manner", manner, "run", *options)
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE))
        return started[-1]

    yield begin
    for process in started:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def engine(launch: Launcher) -> "subprocess.Popen[bytes]":
    process = launch("--donate")
    wait_for(running)
    return process


def potluck(*arguments: str, stdin: str = "", patience: float = 60) -> "subprocess.CompletedProcess[str]":
    """As a program of its own, as a person would run it."""
    command = (sys.executable, "-m", "engine.cli", *arguments)
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=patience)


def status() -> dict:
    return json.loads(potluck("status", "--json").stdout)


def serving() -> bool:
    return status()["condition"]["reason"] == "serving"


@pytest.mark.parametrize("command", ["status", "start", "pause", "finish", "quit", "chat"])
def test_without_an_engine_each_says_so(command):
    done = potluck(command)
    assert done.returncode == 1
    assert done.stderr.startswith("potluck-engine: Potluck's engine is not running: start it with")
    assert done.stdout == ""
    assert ("`--with-engine` starts one for this chat alone." in done.stderr) == (command == "chat")


def test_status_imports_nothing_heavy():
    imports = (
        "import sys, engine.cli; print(sorted({'torch', 'hivemind', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run((sys.executable, "-c", imports), capture_output=True, text=True).stdout == "[]\n"


def test_a_life_of_an_engine(engine):
    wait_for(serving)
    shown = potluck("status")
    assert "Giving: layers 1–4 of 4 of tiny, 1 in use now" in shown.stdout
    assert "All 4 layers of tiny in float32: " in shown.stdout
    assert potluck("models").stdout.splitlines() == [
        "MODEL  DOES  LAYERS  ON THIS COMPUTER  IN THE SWARM",
        "tiny   –     4       –                 can answer, 1 server",
    ]
    assert json.loads(potluck("models", "--json").stdout)["data"][0]["id"] == "tiny"
    assert potluck("pause").stdout == "Paused until `potluck-engine start`\n"
    assert potluck("pause", "--for", "1h30m").stdout.startswith("Paused until ")
    assert json.loads(potluck("start", "--json").stdout)["paused_until"] is None
    wait_for(serving)
    assert potluck("finish").stdout == "Finishing: 1 in use, then pausing\n"
    wait_for(lambda: status()["condition"]["reason"] == "paused_by_owner")


def test_what_is_stored_and_what_is_under_way_with_an_engine(engine):
    store = LayerStore(Paths.from_environment().layer_store)
    kept = stored_model(store, "kept")

    async def verify() -> Transfer:
        async with EngineClient.from_run_file(Paths.from_environment().run_file) as client:
            begun = await client.verify_store(kept.digest)
            async for snapshot in client.snapshots():
                for transfer in snapshot.transfers:
                    if transfer.id == begun.id and transfer.ended:
                        return transfer
        raise AssertionError("the engine ended")

    assert asyncio.run(verify()).outcome == "Nothing is damaged: 5 parts, 12 MB."
    assert potluck("models").stdout.splitlines()[1:] == [
        "kept   writes  3       12 MB             nobody serves it",
        "tiny   –       4       –                 can answer, 1 server",
    ]
    assert json.loads(potluck("layers", "--json").stdout)["transfers"][0]["model"] == "kept"


def test_plan_asks_the_running_engine(engine):
    wait_for(serving)
    before = status()["servers"]
    report = json.loads(potluck("plan", "--json").stdout)
    assert report["swarm_asked"]
    assert report["devices"][0]["server"]["model_name"] == "tiny"
    assert report["devices"][0]["serves_it"]
    assert potluck("plan").stdout.startswith("This computer\n")
    refused = potluck("plan", "--layers", "1-2")
    assert refused.returncode == 1
    assert "leave these options out" in refused.stderr
    assert status()["servers"] == before


def test_a_reader_that_leaves_is_no_crash(engine):
    command = f"{sys.executable} -m engine.cli status | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


def test_quit_leaves_nothing(engine, home: Path):
    wait_for(serving)
    assert len(processes_of(home)) >= 2
    assert potluck("quit", patience=30).returncode == 0
    assert engine.wait(30) == 0
    assert not running()
    assert processes_of(home) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_in_order(engine, home: Path, sign):
    wait_for(serving)
    engine.send_signal(sign)
    assert engine.wait(30) == 0
    assert processes_of(home) == []
    assert not running()


def test_quit_while_an_answer_is_made(engine, home: Path):
    command = (sys.executable, "-m", "engine.cli", "chat", "forever")
    chat = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert chat.stdout.read(11) == "forever and"
    assert potluck("quit").returncode == 0
    _, complaint = chat.communicate(timeout=30)
    assert chat.returncode == 1
    assert complaint.startswith("potluck-engine: ")
    assert engine.wait(30) == 0


def test_a_second_engine_is_turned_away(engine, launch: Launcher):
    second = launch()
    _, complaint = second.communicate(timeout=30)
    assert second.returncode == AlreadyRunning.exit_status
    assert complaint.decode().startswith("potluck-engine: Potluck's engine is already running")
    assert run_file().pid == engine.pid


def test_a_port_in_use_is_named(launch: Launcher):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch("--port", str(port))
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == PortInUse.exit_status
    assert f"Port {port} of 127.0.0.1 cannot be used" in complaint.decode()
    assert not running()


def test_killed_it_leaves_no_block_server_and_starts_again(engine, launch: Launcher, home: Path):
    wait_for(serving)
    engine.kill()
    engine.wait()
    assert running()  # the file of a process that is gone
    wait_for(lambda: processes_of(home) == [])
    assert "ended unexpectedly" in potluck("status").stderr
    launch("--donate")
    wait_for(lambda: potluck("status").returncode == 0)
    wait_for(serving)


def test_it_ends_with_its_parent(launch: Launcher, home: Path):
    process = launch("--donate", "--end-with-stdin")
    wait_for(running)
    wait_for(serving)
    process.stdin.close()
    process.stdin = None
    assert process.wait(30) == 0
    assert processes_of(home) == []


def test_status_answers_while_the_model_is_prepared(launch: Launcher):
    launch(manner="prepares_for_ever")
    wait_for(running)
    shown = potluck("status")
    assert shown.stdout.startswith("Preparing SmolLM2-135M-Instruct: ")


def test_status_says_how_other_programs_use_the_local_api(engine):
    wait_for(serving)
    door = run_file()
    assert potluck("status").stdout.splitlines()[-1] == f"Local API: {door.address}/v1, key {door.key}"
    assert status()["local_api"] == {"base_url": f"{door.address}/v1", "key": door.key}


def test_chat_prints_the_answer_only(engine):
    done = potluck("chat", "well met, friend")
    assert (done.returncode, done.stdout) == (0, "well met, friend\n")


def test_chat_with_a_model_that_nobody_has(engine):
    wait_for(serving)
    potluck("pause")
    done = potluck("chat", "--model", "large", "hello")
    assert (done.returncode, done.stdout) == (1, "")
    assert "large cannot answer now (Paused until you resume)" in done.stderr


def test_a_conversation(engine):
    done = potluck("chat", stdin="one two\n\nthree\n")
    assert (done.returncode, done.stdout) == (0, "one two\nthree\n")


def test_ctrl_c_stops_an_answer_and_the_conversation_goes_on(engine):
    command = (sys.executable, "-m", "engine.cli", "chat")
    chat = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    chat.stdin.write("forever\n")
    chat.stdin.flush()
    assert chat.stdout.read(11) == "forever and"
    chat.send_signal(signal.SIGINT)
    out, complaint = chat.communicate("still there\n", timeout=30)
    assert chat.returncode == 0
    assert out.endswith("\nstill there\n")
    assert "(stopped)" in complaint


def test_chat_starts_and_ends_an_engine_of_its_own(home: Path, monkeypatch, capsys):
    from engine import terminal_chat

    command = (sys.executable, "-m", "tests.stand_in_engine", *terminal_chat.ENGINE_COMMAND[3:])
    monkeypatch.setattr(terminal_chat, "ENGINE_COMMAND", command)
    assert cli.main(["chat", "--with-engine", "hello there"]) == 0
    assert capsys.readouterr().out == "hello there\n"
    assert not running()
    assert processes_of(home) == []


def test_chat_takes_the_engine_that_runs(engine, capsys):
    assert cli.main(["chat", "--with-engine", "hello there"]) == 0
    assert capsys.readouterr().out == "hello there\n"
    assert engine.poll() is None


def test_an_engine_that_does_not_start(monkeypatch, capsys):
    monkeypatch.setattr("engine.terminal_chat.ENGINE_COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
    assert cli.main(["chat", "--with-engine", "hello"]) == 1
    assert "The engine did not start" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("90s", 90), ("30m", 1800), ("1h", 3600), ("1H30m", 5400), ("31", None), ("0s", None)],
)
def test_durations(text, wanted, capsys):
    arguments = ["pause", "--for", text]
    if wanted is None:
        with pytest.raises(SystemExit):
            cli.parse(arguments)
        assert "write 1h, 30m or 90s" in capsys.readouterr().err
    else:
        assert cli.parse(arguments).for_seconds == wanted


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_ports(port, capsys):
    with pytest.raises(SystemExit):
        cli.parse(["run", f"--port={port}"])
    assert "is no port" in capsys.readouterr().err


PEER = "/ip4/192.0.2.7/tcp/31337/p2p/12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2"
LISTEN = "/ip4/0.0.0.0/tcp/31337"
LOCAL = "/ip4/127.0.0.1/tcp/1/p2p/x"


def test_what_run_is_told_arrives(monkeypatch):
    seen = []
    monkeypatch.setattr("engine.main.run", lambda settings, *_: seen.append(settings) or 5)
    monkeypatch.setattr("logging.shutdown", lambda: None)
    monkeypatch.setattr("os._exit", sys.exit)
    other = PEER.replace("/ip4/192.0.2.7", "/dns4/potluck.example")
    swarm = ("--peer", PEER, "--peer", other, "--listen", LISTEN)
    host = ("--model", "large", "--layers", "1-15", "--precision", "nf4", "--threads", "3")
    memory = ("--cache", "2GB", "--memory", "8 GB", "--device", "cpu", "--device", "GPU-12ab")
    share = ("--audit-share", "2.5%", "--min-precision", "int8")
    rates = ("--upload", "1.5MB", "--download", "20 MB/s")
    with pytest.raises(SystemExit, match="5"):
        cli.main(["run", "--donate", "--port", "80", *swarm, *host, *memory, *share, *rates])
    [settings] = seen
    assert settings.swarm == SwarmSettings((PEER, other), (LISTEN,))
    devices = ("cpu", "GPU-12ab")
    assert settings.host == HostSettings("large", (0, 15), "nf4", 3, 2 * GB, devices, 8 * GB)
    assert settings.audit.share == 0.025
    assert settings.answers.min_precision == "int8"
    assert settings.exchange == ExchangeSettings(1_500_000, 20_000_000)
    assert (settings.api.port, settings.start_donating) == (80, True)


@pytest.mark.parametrize(
    ("arguments", "listen", "private"),
    [
        ((), "/ip4/127.0.0.1/tcp/0", True),
        (("--listen", LISTEN), LISTEN, False),
        (("--peer", PEER), "/ip4/0.0.0.0/tcp/0", False),
        (("--peer", PEER, "--listen", "/ip6/::1/tcp/9"), "/ip6/::1/tcp/9", False),
    ],
)
def test_who_joins_others_can_be_reached_by_them(arguments, listen, private):
    swarm = settings_of(cli.parse(["run", *arguments])).swarm
    assert (swarm.listen, swarm.private) == ((listen,), private)


def test_the_block_server_leaves_the_port_to_the_daemon():
    swarm = SwarmSettings(listen_asked=("/ip4/192.0.2.1/tcp/31337", "/ip6/::/udp/31337/quic-v1"))
    assert swarm.block_server_listen == ("/ip4/192.0.2.1/tcp/0", "/ip6/::/udp/0/quic-v1")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--peer", "192.0.2.7:31337", "is no peer's address"),
        ("--peer", "/ip4/192.0.2.7/tcp/31337", "is no peer's address"),
        ("--peer", PEER.replace("192", "492"), "is no peer's address"),
        ("--listen", "31337", "is no address to listen on"),
        ("--listen", "/ip4/0.0.0.0/tcp/65536", "is no address to listen on"),
        ("--listen", "/ip6/0.0.0.0/tcp/1", "is no address to listen on"),
        ("--layers", "0-3", "is no range of layers"),
        ("--layers", "5-4", "is no range of layers"),
        ("--layers", "5", "is no range of layers"),
        ("--upload", "fast", "is no size: write one such as"),
        ("--precision", "float7", "invalid choice: 'float7'"),
        ("--min-precision", "int4", "invalid choice: 'int4'"),
        ("--cache", "much", "is no size: write one such as"),
        ("--cache", "0GB", "nothing fits into no memory"),
        ("--memory", "8", "is no size: write one such as"),
        ("--threads", "0", "is no number of threads: write 1 or more"),
        ("--threads", "9999999", "is no number of threads: write 1 or more"),
        ("--device", "my card", "names no device: write cpu"),
        ("--audit-share", "0.03", "is no share: write one from 0% to 100%"),
        ("--model", " ", "names no model: write a name as `potluck-engine models` shows it"),
        ("--audit-share", "101%", "is no share: write one from 0% to 100%"),
    ],
)
def test_what_run_cannot_do_is_one_sentence(option, value, sentence, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.parse(["run", f"{option}={value}"])
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith(f"potluck-engine run: error: argument {option}: ")
    assert sentence in complaint


@pytest.mark.parametrize(
    ("addresses", "line"),
    [
        (("/ip4/127.0.0.1/tcp/1/p2p/x", PEER), f"Other computers join with --peer {PEER}"),
        (
            ("/ip4/127.0.0.1/tcp/1/p2p/x",),
            "Only this computer can join, with --peer /ip4/127.0.0.1/tcp/1/p2p/x",
        ),
    ],
)
def test_status_says_how_to_join(addresses, line):
    condition = Condition(reason=Reason.NEVER_STARTED)
    snapshot = Snapshot(version="1", condition=condition, swarm=SwarmStatus(addresses=addresses))
    assert [said for said in status_text(snapshot).splitlines() if "--peer" in said] == [line]


@pytest.mark.parametrize(
    ("phase", "doing"),
    [
        (ServerPhase.CHOOSING, "Choosing, perhaps to serve on NVIDIA"),
        (ServerPhase.ONLINE, "Serving on NVIDIA"),
        (ServerPhase.DRAINING, "Finishing on NVIDIA"),
    ],
)
def test_status_says_serving_of_what_serves(phase, doing):
    condition = Condition(reason=Reason.STARTING)
    snapshot = Snapshot(
        version="1", condition=condition, servers=(SERVER.model_copy(update={"phase": phase}),)
    )
    assert status_text(snapshot).splitlines()[1].startswith(doing)


def test_demo_gets_its_arguments(monkeypatch):
    seen = []
    demo = SimpleNamespace(main=lambda args: seen.append(args) or 0)
    monkeypatch.setattr(engine_package, "demo", demo, raising=False)
    arguments = ["--servers", "3", "--prompt", "Hi", "--max-tokens", "5", "--json", "--model", "m"]
    assert cli.main(["demo", *arguments]) == 0
    got = seen[0]
    assert (got.servers, got.prompt, got.max_tokens, got.json, got.model) == (3, "Hi", 5, True, "m")


def test_without_a_command_they_are_shown(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.parse([])
    said = capsys.readouterr().err
    assert "Talk to a model." in said
    assert "Say what the engine is doing." in said


@pytest.mark.parametrize("command", ["bench", "layers limit", "settings"])
def test_what_a_command_does_not_know_is_said_with_its_own_usage(command, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.parse([*command.split(), "--nope"])
    said = capsys.readouterr().err
    assert said.startswith(f"usage: potluck-engine {command} ")
    assert said.splitlines()[-1] == f"potluck-engine {command}: error: unrecognized arguments: --nope"


@pytest.mark.parametrize("command", ["demo", "chat"])
@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_an_answer_has_a_token_at_least(command, count, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.parse([command, f"--max-tokens={count}"])
    assert f"“{count}” is no number of tokens: write 1 or more" in capsys.readouterr().err


@pytest.mark.starter
def test_the_real_engine_answers_and_is_gone(home: Path):
    """Import, network, block server and generation as they are."""
    done = potluck(
        "chat", "--with-engine", "--max-tokens", "80", "--temperature", "0", "Tell a story.", patience=240
    )
    assert (done.returncode, done.stdout.strip() != "") == (0, True), done.stderr
    assert "Preparing SmolLM2-135M-Instruct" in done.stderr
    assert "Loading layers 1–30 of 30" in done.stderr
    assert not running()
    assert processes_of(home) == []
    assert GivenLedger(home / "data" / "given.json").total.tokens > 0


@pytest.mark.starter
def test_the_real_engine_quits_quickly_even_while_it_starts(home: Path):
    command = (sys.executable, "-m", "engine.cli", "run", "--donate")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: potluck("status").returncode == 0)
        time.sleep(2)  # amid the imports of torch and of the starter model
        assert potluck("quit").returncode == 0
        assert process.wait(30) == 0
    finally:
        process.kill()
    assert processes_of(home) == []
