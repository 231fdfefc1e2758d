import sys
from pathlib import Path

import pytest

from engine.bench.llama_server import COMMAND

SPEAKER = Path(__file__).with_name("speaks_llama.py")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """To be started as llama.cpp's server is."""
    program = tmp_path / COMMAND
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{SPEAKER}" "$@"\n')
    program.chmod(0o755)
    return program
