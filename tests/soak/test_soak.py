"""Three minutes in which real servers are killed, stopped, slowed down and cut off while clients chat."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.starter

SOAK = "import sys; from engine.cli import main; sys.exit(main(['soak', '--minutes', '3', '--seed', '3']))"


@pytest.mark.timeout(600)
def test_three_minutes_of_faults_leave_no_wrong_token_no_lost_reply_and_nothing_else(tmp_path: Path) -> None:
    """In a process of its own: what other tests left in this one's memory is no leak."""
    home = {**os.environ, "POTLUCK_HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", SOAK], env=home, capture_output=True, text=True)
    print(ended.stdout, ended.stderr)
    assert ended.returncode == 0
    assert re.search(r"[1-9]\d* × kill\b", ended.stdout)
    assert re.search(r"[1-9]\d* times a server was replaced", ended.stdout)
