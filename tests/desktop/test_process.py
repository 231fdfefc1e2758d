"""What the desktop's process is made of."""

import subprocess
import sys

import pytest

LIGHT = """
import sys
import {module}
heavy = {{"torch", "transformers", "hivemind", "bitsandbytes"}} & set(sys.modules)
sys.exit(", ".join(heavy))
"""
LATE = """
import sys
import desktop.main
sys.exit(", ".join({"httpx", "pygments"} & set(sys.modules)))
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr.strip()


@pytest.mark.parametrize("module", ["desktop.main", "engine.api.client", "desktop.chat.code_block"])
def test_the_desktop_imports_nothing_heavy(module: str) -> None:
    assert run(LIGHT.format(module=module)) == ""


def test_what_the_first_window_does_not_need_comes_later() -> None:
    assert run(LATE) == ""
