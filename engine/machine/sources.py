"""Whom to ask what a computer is: this one, or a recorded one."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pynvml  # type: ignore[import-untyped]

from engine.machine.apple import Sysctl
from engine.machine.torch_build import TorchBuild, installed_torch

SYSCTL_SECONDS = 5.0


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    total: int
    available: int


@dataclass(frozen=True)
class Cores:
    physical: int
    logical: int


@dataclass(frozen=True)
class Sources:
    nvml: Any  # pynvml, or what has its functions
    root: Path  # of a file system, with /sys and /proc if it is Linux'
    sysctl: Sysctl
    memory: Callable[[], Memory]
    cores: Callable[[], Cores]
    torch: Callable[[], TorchBuild]
    environment: Mapping[str, str]


def this_computer() -> Sources:
    return Sources(pynvml, Path("/"), _sysctl, _memory, _cores, installed_torch, os.environ)


def _sysctl(name: str) -> str | None:
    if sys.platform != "darwin":
        return None
    command = ("/usr/sbin/sysctl", "-n", name)
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=SYSCTL_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip() or None


def _memory() -> Memory:
    memory = psutil.virtual_memory()
    return Memory(memory.total, memory.available)


def _cores() -> Cores:
    """That this process may run on."""
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else psutil.cpu_count() or 1
    return Cores(min(psutil.cpu_count(logical=False) or allowed, allowed), allowed)
