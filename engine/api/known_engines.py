"""Engines on other computers that this user's window knows, with their keys: a file of the user's alone."""

import ipaddress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.atomic_file import write_whole

MOST_ENGINES = 100


def parse_address(text: str) -> str:
    """`192.168.1.5:4321` or `[::1]:4321`, also from what is copied whole. Raises ValueError.

    A name is none: an engine does not let itself be asked by names, which web pages could have made.
    """
    plain = text.strip().removeprefix("http://").removesuffix("/").removesuffix("/v1")
    host, _, port = plain.rpartition(":")
    if host == "localhost":
        host = "127.0.0.1"
    bare = host.removeprefix("[").removesuffix("]")
    address = ipaddress.ip_address(bare)
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65_535):
        raise ValueError("no port")
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"


def is_on_this_computer(address: str) -> bool:
    """Whether what is sent there stays on this computer, or goes through a tunnel that begins here."""
    host = address.rpartition(":")[0].removeprefix("[").removesuffix("]")
    return ipaddress.ip_address(host).is_loopback


class KnownEngine(BaseModel):
    """`address` as `parse_address` gives it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    address: str
    key: str = Field(min_length=16, max_length=200, pattern=r"^[!-~]+$", repr=False)

    @field_validator("address")
    @classmethod
    def _parsed(cls, address: str) -> str:
        return parse_address(address)

    @property
    def url(self) -> str:
        return f"http://{self.address}"


class KnownEngines(BaseModel):
    """`chosen` is the address of the one that is looked at; empty: this computer's own."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    engines: tuple[KnownEngine, ...] = Field(default=(), max_length=MOST_ENGINES)
    chosen: str = ""

    @property
    def looked_at(self) -> KnownEngine | None:
        return next((engine for engine in self.engines if engine.address == self.chosen), None)

    def with_engine(self, engine: KnownEngine) -> "KnownEngines":
        """Looked at from now on; what was known of the same address is replaced."""
        others = self.without(engine.address).engines
        return KnownEngines(engines=(*others, engine)[-MOST_ENGINES:], chosen=engine.address)

    def without(self, address: str) -> "KnownEngines":
        others = tuple(known for known in self.engines if known.address != address)
        return KnownEngines(engines=others, chosen="" if self.chosen == address else self.chosen)

    def looking_at(self, address: str) -> "KnownEngines":
        return self.model_copy(update={"chosen": address})


def read_known_engines(path: Path) -> KnownEngines:
    """None are known where the file is missing or makes no sense."""
    try:
        return KnownEngines.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return KnownEngines()


def write_known_engines(path: Path, known: KnownEngines) -> None:
    """Readable by its owner alone. Raises OSError."""
    write_whole(path, known.model_dump_json(), sync=True)
