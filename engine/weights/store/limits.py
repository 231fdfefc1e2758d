"""How much the store may hold: the owner's word, the same for all processes, over restarts."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_whole


class _Limit(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    limit_bytes: Annotated[int, Field(ge=0)] | None


def read_limit(file: Path) -> int | None:
    """The owner's limit in bytes; None: not said, or damaged."""
    try:
        return _Limit.model_validate_json(file.read_bytes()).limit_bytes
    except (FileNotFoundError, ValidationError):
        return None


def write_limit(file: Path, limit: int | None) -> None:
    write_whole(file, json.dumps(_Limit(limit_bytes=limit).model_dump()))
