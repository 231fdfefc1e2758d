"""One instance, and what is remembered."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QWidget

from desktop.os_glue.remembered import Remembered
from desktop.os_glue.single_instance import SingleInstance
from tests.desktop.conftest import until

CLAIM = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.os_glue.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.claim(), flush=True)
time.sleep(float(sys.argv[2]))
"""


def claim_elsewhere(data: Path, hold: float = 0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(data), str(hold)], stdout=subprocess.PIPE, text=True
    )


def test_a_second_launch_opens_the_first_window(qapp: QCoreApplication, play, tmp_path: Path) -> None:
    async def use() -> None:
        first = SingleInstance(tmp_path)
        asked: list[bool] = []
        first.opened.connect(lambda: asked.append(True))
        assert first.claim()
        second = claim_elsewhere(tmp_path)
        await until(lambda: asked)
        answer, _ = await asyncio.to_thread(second.communicate)
        assert answer == "False\n"
        first.release()

    play(use)


def test_a_killed_first_leaves_the_way_free(qapp: QCoreApplication, tmp_path: Path) -> None:
    killed = claim_elsewhere(tmp_path, hold=600)
    assert killed.stdout
    assert killed.stdout.readline() == "True\n"
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    heir = SingleInstance(tmp_path)
    assert heir.claim()
    heir.release()


def test_two_data_folders_are_two_potlucks(qapp: QCoreApplication, tmp_path: Path) -> None:
    one, other = SingleInstance(tmp_path / "one"), SingleInstance(tmp_path / "other")
    assert one.claim()
    assert other.claim()
    one.release()
    other.release()


def test_things_are_said_once(tmp_path: Path) -> None:
    assert Remembered(tmp_path).first_time("hello")
    assert not Remembered(tmp_path).first_time("hello")
    assert Remembered(tmp_path).first_time("something else")


def test_geometry_comes_back(qapp: QApplication, tmp_path: Path) -> None:
    window = QWidget()
    window.setGeometry(30, 40, 321, 234)
    remembered = Remembered(tmp_path)
    remembered.save_geometry(window)
    window.setGeometry(0, 0, 100, 100)
    remembered.restore_geometry(window)
    assert window.size().toTuple() == (321, 234)
