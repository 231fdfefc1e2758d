"""Set Potluck up in this folder and start it, or check it. Needs Python's standard library alone.

    python3 packaging/bootstrap.py app  [arguments for the app]     install what is missing, then open the app
    python3 packaging/bootstrap.py test [arguments for pytest]      the same, then run every check

What to do is decided in `needs.py`; this file looks and acts. Everything goes into `.venv`; a stamp in there
makes a second call quick; the mark that a cut-off install leaves behind makes the next call start afresh.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

sys.dont_write_bytecode = True

import needs  # noqa: E402  (after the line that keeps byte code out of the folder)

AGAIN = "then run the same command again: what is already installed is kept."
FOLDER_REMEDY = f"Check that the disk is not full and that this folder is yours to write, {AGAIN}"
PIP_REMEDY = f"Check the network connection and free disk space (3 GB, with CUDA 8 GB), {AGAIN}"


class SetupFailed(Exception):
    """Carries what a person reads: what failed and what to do."""


@dataclass(frozen=True)
class Place:
    """The folder that is set up, and where things lie in it."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.venv / "potluck-stamp"

    @property
    def mark(self) -> Path:
        """Lies here while something is being installed."""
        return self.venv / "potluck-installing"

    @property
    def log(self) -> Path:
        return self.venv / "potluck-setup.log"

    @property
    def constraints(self) -> Path:
        return self.root / "packaging" / "constraints.txt"


def main(arguments: Sequence[str]) -> int:
    problem = needs.python_problem(sys.version_info[:2], sys.platform)
    if problem:
        return say_failure(problem)
    if not arguments or arguments[0] not in ("app", "test"):
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    act = {"app": app, "test": test}[arguments[0]]
    stop_on(signal.SIGTERM, signal.SIGHUP)
    try:
        return act(Place(Path(__file__).resolve().parent.parent), arguments[1:])
    except SetupFailed as failure:
        return say_failure(str(failure))
    except OSError as error:
        return say_failure(f"Failed: {error}.\n{FOLDER_REMEDY}")
    except KeyboardInterrupt:
        return say_failure("\nStopped. Run the same command again to go on.", status=130)


def stop_on(*signals: signal.Signals) -> None:
    """Treat these like Ctrl-C, unless whoever started this process has it ignore them."""
    for each in signals:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, signal.default_int_handler)


def say_failure(text: str, status: int = 1) -> int:
    print(text, file=sys.stderr, flush=True)
    return status


def app(place: Place, extra: Sequence[str]) -> int:
    """Does not return when all goes well: the app takes this process's place."""
    display = needs.has_display(os.environ, sys.platform)
    set_up(place, extras=(), system=needs.QT_LIBRARIES if display else {})
    if not display:
        print(
            "No display here (neither DISPLAY nor WAYLAND_DISPLAY is set): chatting in the terminal instead."
        )
    argv = needs.app_argv(str(place.python), display, extra)
    sys.stdout.flush()
    os.execv(argv[0], argv)


def test(place: Place, extra: Sequence[str]) -> int:
    linux = sys.platform == "linux"
    set_up(place, extras=("test",), system={**needs.QT_LIBRARIES, **needs.DISPLAY_TOOLS})
    checks = needs.checks(str(place.python), linux, extra)
    environ = needs.pytest_environ(os.environ, linux)
    failed = [check for check in checks if not passes(check, place.root, environ)]
    print(needs.summary(failed), flush=True)
    return 1 if failed else 0


def passes(check: needs.Check, root: Path, environ: Mapping[str, str]) -> bool:
    print(f"--- {check.name}", flush=True)
    began = time.monotonic()
    with child(check.argv, cwd=root, env=environ) as process:
        status = process.wait()
    verdict = "passed" if status == 0 else f"failed (exit status {status})"
    print(f"--- {check.name} {verdict}: {time.monotonic() - began:.1f} s", flush=True)
    return status == 0


# --- setting up ---------------------------------------------------------------------------------------------


def set_up(place: Place, extras: Sequence[str], system: Mapping[str, str]) -> None:
    if sys.platform == "linux":
        provide(needs.missing_packages(system, is_present))
    with alone(place.root):
        project = read_project(place)
        if not is_finished(place, project, extras):
            install(place, project, extras)


def is_present(name: str) -> bool:
    """Whether a shared library can be loaded, or a program can be found."""
    if ".so" not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def provide(packages: Sequence[str]) -> None:
    """Install Debian packages where this process may, else say what to type."""
    if not packages:
        return
    has_apt = shutil.which("apt-get") is not None
    if not has_apt or os.geteuid() != 0:
        advice = needs.apt_advice(packages, has_apt)
        raise SetupFailed(f"Missing from this system: {', '.join(packages)}.\n{advice}")
    for command in needs.apt_commands(packages):
        remedy = f"Check the network connection, or install {', '.join(packages)} yourself, {AGAIN}"
        run_step(" ".join(command[:2]), command, remedy, log=None)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Two set-ups of one folder take turns. The system frees the lock when this process ends."""
    import fcntl  # not on Windows, which `python_problem` has turned away by now

    folder = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this folder is at work: waiting for it.", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def read_project(place: Place) -> dict[str, Any]:
    import tomllib  # from Python 3.11 on, which `python_problem` has made sure of by now

    return tomllib.loads((place.root / "pyproject.toml").read_text(encoding="utf-8"))


def is_finished(place: Place, project: dict[str, Any], extras: Sequence[str]) -> bool:
    if find_venv(place) is not needs.Venv.USABLE:
        return False
    return needs.stamp_covers(read_text(place.stamp) or "", wanted_fingerprint(place, project), extras)


def find_venv(place: Place) -> needs.Venv:
    config = read_text(place.venv / "pyvenv.cfg")
    return needs.venv_state(config, os.access(place.python, os.X_OK), place.mark.exists())


def wanted_fingerprint(place: Place, project: dict[str, Any]) -> str:
    version = needs.venv_python_version(read_text(place.venv / "pyvenv.cfg") or "")
    installing = [project.get("build-system"), project["project"], project.get("tool", {}).get("setuptools")]
    constraints = read_text(place.constraints) or ""
    # The root is a part because an editable install points to it: a folder that was moved is set up again.
    return needs.fingerprint(
        constraints, json.dumps(installing), needs.STARTER_MODEL, version, str(place.root)
    )


def read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def install(place: Place, project: dict[str, Any], extras: Sequence[str]) -> None:
    place.stamp.unlink(missing_ok=True)
    if find_venv(place) is not needs.Venv.USABLE:
        make_venv(place)
    wanted = needs.requirements(project["project"], extras)
    constrained = ["--constraint", str(place.constraints)]
    pip(place, f"install {wanted[0]}", [*constrained, wanted[0]])
    pip(
        place,
        f"install {len(wanted)} libraries",
        [*constrained, *project["build-system"]["requires"], *wanted],
    )
    pip(place, "install Potluck", ["--no-deps", "--no-build-isolation", "--editable", str(place.root)])
    pip(place, "install the starter model", ["--no-deps", needs.STARTER_MODEL])
    place.stamp.write_text(needs.stamp_text(wanted_fingerprint(place, project), extras), encoding="utf-8")


def make_venv(place: Place) -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        provide([needs.venv_package(sys.version_info[:2])])
    empty_folder(place.venv)
    place.mark.touch()
    # The base interpreter: this script may itself run in an environment, even in the one just emptied.
    argv = [getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(place.venv)]
    run_step("make .venv", argv, FOLDER_REMEDY, place.log)
    place.mark.unlink()


def empty_folder(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def pip(place: Place, name: str, arguments: Sequence[str]) -> None:
    """Run pip's install. The mark stays behind when pip was cut off, not when it failed by itself."""
    argv = [
        str(place.python),
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        *arguments,
    ]
    place.mark.touch()
    try:
        run_step(name, argv, f"{PIP_REMEDY}\nAll that pip said: {place.log}", place.log)
    except StepFailed as failure:
        if failure.status > 0:
            place.mark.unlink()
        raise
    place.mark.unlink()


# --- steps --------------------------------------------------------------------------------------------------


class StepFailed(SetupFailed):
    """`status` is the program's exit status, or minus the signal that ended it."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def run_step(name: str, argv: Sequence[str], remedy: str, log: Path | None) -> None:
    """One line on the terminal: the name, then the seconds taken. Raises StepFailed with the output's end."""
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with open_log(log) as output:
        start = output.seek(0, os.SEEK_END)
        with child(argv, stdout=output, stderr=subprocess.STDOUT, env=environ) as process:
            status = wait_visibly(process, name)
        output.seek(start)
        if status != 0:
            text = output.read().decode(errors="replace")
            raise StepFailed(needs.failure_text(name, status, text, remedy), status)


@contextlib.contextmanager
def child(argv: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a group of its own. Whoever is interrupted while it runs ends the whole group first."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with interrupts_wait():  # one in the middle of a start would leave a program that nobody knows
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True, **options)
        yield process
    except KeyboardInterrupt:
        if process is not None:
            end_group(process)
        raise
    finally:
        if process is not None:
            process.wait()


@contextlib.contextmanager
def interrupts_wait() -> Iterator[None]:
    """Those that come inside are raised once, when it is left."""
    came: list[int] = []
    waiting = [
        each for each in signal.valid_signals() if signal.getsignal(each) is signal.default_int_handler
    ]
    for each in waiting:
        signal.signal(each, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for each in waiting:
            signal.signal(each, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt


def end_group(process: subprocess.Popen[bytes]) -> None:
    for order, seconds in ((signal.SIGINT, 10), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, order)
            process.wait(seconds)


def open_log(path: Path | None) -> IO[bytes]:
    return path.open("a+b") if path else tempfile.TemporaryFile()


def wait_visibly(process: subprocess.Popen[bytes], name: str) -> int:
    """Seconds tick on a terminal; elsewhere they come once, when the step has ended."""
    began = time.monotonic()
    print(f"{name} …", end="", flush=True)
    while True:
        try:
            status = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            if sys.stdout.isatty():
                print(f"\r{name} … {time.monotonic() - began:.0f} s", end="", flush=True)
        else:
            print(
                f"\r{name} …" if sys.stdout.isatty() else "", f"{time.monotonic() - began:.1f} s", flush=True
            )
            return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
