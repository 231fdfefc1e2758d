"""The program as it is launched: `python -m desktop`, with an engine that stands in for the real one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

LAUNCH = """
import sys
from desktop.main import main
sys.exit(main((sys.executable, "-c", "import time; time.sleep(600)")))
"""


def launch(home: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "POTLUCK_HOME": str(home)}
    return subprocess.Popen([sys.executable, "-c", LAUNCH], env=environment, stderr=subprocess.PIPE)


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    child = launch(tmp_path)
    deadline = time.monotonic() + 90
    while not (tmp_path / "logs" / "engine-start.log").exists():
        assert time.monotonic() < deadline, "It did not start its engine"
        time.sleep(0.05)
    yield child
    child.kill()
    child.communicate()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_kill_is_a_quit(running: "subprocess.Popen[bytes]", sign: signal.Signals) -> None:
    engines = children_of(running.pid)
    assert len(engines) == 1
    running.send_signal(sign)
    _, told = running.communicate(timeout=90)
    assert running.returncode == 0
    assert b"Traceback" not in told
    assert not alive(engines[0])


def test_a_second_launch_ends_at_once(running: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    second = launch(tmp_path)
    second.communicate(timeout=90)
    assert second.returncode == 0
    assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=90)


def children_of(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid)
