"""The run file: how a client on this computer finds the running engine, and the key that opens it."""

import contextlib
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_whole
from engine.errors import NotRunning, reason_of

START_HINT = "start it with `potluck-engine run` or open Potluck."


class RunFile(BaseModel):
    """Port, key, process id and version of the running engine."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    port: int = Field(ge=1, le=65535)
    key: str = Field(min_length=16, max_length=200)
    pid: int = Field(ge=1)
    version: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def write_run_file(path: Path, content: RunFile) -> None:
    """Put the file there at once and whole, readable by its owner alone."""
    write_whole(path, content.model_dump_json())


def keep_run_file(path: Path, content: RunFile) -> None:
    """Put it there again where it is gone or says something else. Raises OSError."""
    with contextlib.suppress(OSError, ValidationError):
        if RunFile.model_validate_json(path.read_bytes()) == content:
            return
    write_run_file(path, content)


def read_run_file(path: Path) -> RunFile:
    """The running engine's door. Raises NotRunning if there is no file, no sense in it, or no process."""
    try:
        content = RunFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NotRunning(f"Potluck's engine is not running: {START_HINT}") from None
    except OSError as error:
        raise NotRunning(f"Potluck's run file {path} cannot be read: {reason_of(error)}.") from None
    except ValidationError:
        raise NotRunning(f"Potluck's run file {path} makes no sense: start Potluck again.") from None
    if not psutil.pid_exists(content.pid):
        raise NotRunning(f"Potluck's engine ended unexpectedly: {START_HINT}")
    return content
