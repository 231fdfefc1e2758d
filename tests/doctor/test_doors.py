"""The doctor through the local API, and on the command line without an engine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine import cli
from engine.api.client import EngineClient
from engine.api.doctor_schema import Diagnosis, Finding, Grade, Reach, Topic
from engine.api.event_stream import SnapshotFeed
from engine.api.server import ApiServer, bind, build_app
from engine.settings import ApiSettings
from tests.api.conftest import KEY, FakeControl, FakeReplies, snapshot

DIAGNOSIS = Diagnosis(
    reach=Reach.NOT_AT_ALL,
    addresses=("/ip4/192.0.2.1/tcp/4001",),
    findings=(Finding(topic=Topic.REACH, grade=Grade.BAD, sentence="No.", advice="Do."),),
)


class ExaminedControl(FakeControl):
    async def examine(self) -> Diagnosis:
        return DIAGNOSIS


async def test_the_local_api_hands_on_the_diagnosis() -> None:
    feed = SnapshotFeed(snapshot())
    door = bind(ApiSettings())
    port = door.getsockname()[1]
    server = ApiServer(build_app(FakeReplies(), ExaminedControl(feed), None, feed, KEY, port), door)
    server.start()
    async with EngineClient(f"http://127.0.0.1:{port}", KEY) as client:
        assert await client.examine() == DIAGNOSIS
    feed.close()
    await server.close()


@pytest.mark.parametrize("form", ["text", "json"])
def test_without_an_engine_it_looks_by_itself(form: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path))
    command = (sys.executable, "-m", "engine.cli", "doctor", "--listen", "/ip4/127.0.0.1/tcp/0")
    options = ("--json",) if form == "json" else ()
    done = subprocess.run((*command, *options), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    if form == "json":
        assert json.loads(done.stdout)["reach"] == "private"
    else:
        assert done.stdout.startswith("✓ Only this computer takes part")
    assert list(tmp_path.iterdir()) == []  # it leaves nothing behind


@pytest.mark.parametrize("option", ["--peer", "--listen"])
def test_a_running_engine_is_not_told_where_to_look(option: str, monkeypatch, capsys) -> None:
    monkeypatch.setattr("engine.cli.doctor.with_client", lambda _: DIAGNOSIS)
    address = "/ip4/127.0.0.1/tcp/1"
    peer = "/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp" if option == "--peer" else ""
    assert cli.main(["doctor", option, f"{address}{peer}"]) == 1
    assert "leave out --peer and --listen" in capsys.readouterr().err
