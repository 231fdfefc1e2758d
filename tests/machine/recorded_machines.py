"""Computers that the readers find in recorded answers; see recorded/README.md."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pynvml

from engine.machine.facts import Machine
from engine.machine.read import read_machine
from engine.machine.sources import Cores, Memory, Sources
from engine.machine.torch_build import build_of

FOLDER = Path(__file__).with_name("recorded")
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def recorded(name: str) -> Machine:
    with TemporaryDirectory() as root:
        return read_machine(sources(answers(name), Path(root)))


def answers(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def sources(answers: Mapping[str, Any], root: Path) -> Sources:
    """Puts recorded files under `root`."""
    for path, content in answers.get("files", {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    build = build_of(answers["torch"], mps=answers["torch"].get("mps", False))
    return Sources(
        nvml=RecordedNvml(answers.get("nvml")),
        root=root,
        sysctl=answers.get("sysctl", {}).get,
        memory=lambda: Memory(**answers["memory"]),
        cores=lambda: Cores(**answers["cores"]),
        torch=lambda: build,
        environment=answers.get("environment", {}),
    )


class RecordedNvml:
    """Has NVML's functions. A device's handle is what is recorded of it; None is a computer without NVML."""

    def __init__(self, recording: Mapping[str, Any] | None) -> None:
        self.recording = recording

    def nvmlInit(self) -> None:
        if self.recording is None:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    def nvmlShutdown(self) -> None:
        pass

    def nvmlDeviceGetCount(self) -> int:
        return len(self.recording["devices"])

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Mapping[str, Any]:
        return self.recording["devices"][index]

    def __getattr__(self, question: str) -> Callable[..., Any]:
        if question.startswith("nvmlSystem"):
            return lambda *about: _answer(self.recording, question, *about)
        return lambda device, *about: _answer(device, question, *about)


def _answer(recording: Mapping[str, Any], question: str, *about: Any) -> Any:
    """Raises NVMLError as the driver does: not supported, or the recorded error's number."""
    answer = recording.get(question)
    if isinstance(answer, dict) and "error" in answer:
        raise pynvml.NVMLError(answer["error"])
    for argument in about:
        answer = None if answer is None else answer.get(str(argument))
    if answer is None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
    return _as_structures(answer)


def _as_structures(answer: Any) -> Any:
    if isinstance(answer, dict):
        return SimpleNamespace(**answer)
    return tuple(_as_structures(one) for one in answer) if isinstance(answer, list) else answer
