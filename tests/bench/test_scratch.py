"""Files of a run are gone with it, however it ends."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from engine.bench.scratch import scratch
from engine.errors import BadRequest

LONGEST_SECONDS = 60.0
USER = """
import sys, time
from pathlib import Path
from engine.bench.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "large").write_text("x")
    print("written", flush=True)
    time.sleep(600)
"""


def test_it_is_gone_after_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "bench"
    with suppress(KeyError), scratch(folder) as own:
        (own / "large").write_text("x")
        raise KeyError
    assert list(folder.iterdir()) == []


def test_it_is_gone_once_its_process_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "bench"
    with subprocess.Popen([sys.executable, "-c", USER, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said, there = process.stdout.readline(), list(folder.iterdir())
        process.kill()
    assert (said, len(there)) == (b"written\n", 1)
    deadline = time.monotonic() + LONGEST_SECONDS
    while list(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(folder.iterdir()) == []


def test_what_was_left_there_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "left").write_text("x")
    with scratch(folder) as own:
        assert list(folder.iterdir()) == [own]
        assert list(own.iterdir()) == []


def test_two_do_not_share_it(tmp_path: Path) -> None:
    folder = tmp_path / "bench"
    with scratch(folder) as own:
        with pytest.raises(BadRequest, match="Another benchmark"), scratch(folder):
            pytest.fail("it was shared")
        assert own.exists()
