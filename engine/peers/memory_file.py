"""The peers that this computer remembers of one swarm, in a file."""

import logging
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_whole
from engine.peers.remembered import MAX_PEERS, Memory, RememberedPeer, is_worth_saving

log = logging.getLogger("potluck.peers")

MAX_FILE_BYTES = 1 << 18


class _Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: Literal[1] = 1
    peers: tuple[RememberedPeer, ...] = Field(max_length=MAX_PEERS)


class MemoryFile:
    """Written whole or not at all, readable by the owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved: Memory = ()

    def load(self) -> Memory:
        """Nothing, where the file is missing or damaged."""
        try:
            with self._path.open("rb") as file:
                self._saved = _Saved.model_validate_json(file.read(MAX_FILE_BYTES)).peers
        except FileNotFoundError:
            pass
        except (OSError, ValidationError) as error:
            log.warning("The remembered peers cannot be read (%s): starting anew", error)
        return self._saved

    def save(self, memory: Memory) -> None:
        """If there is anything new. A disk that takes nothing is logged: the swarm works without a memory."""
        if not is_worth_saving(memory, self._saved):
            return
        try:
            write_whole(self._path, _Saved(peers=memory).model_dump_json())
        except OSError as error:
            log.warning("The remembered peers cannot be written: %s", error)
        else:
            self._saved = memory
