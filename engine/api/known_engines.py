"""Engines on other computers that this user's window knows, with their keys: a file of the user's alone."""

import contextlib
import ipaddress
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.atomic_file import write_whole
from engine.settings import LOOPBACK_HOST

MOST_ENGINES = 100
MOST_PORT = 65_535
LONGEST_NAME = 253  # characters, as DNS has it

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")  # of a name, between its dots


def parse_address(text: str) -> str:
    """`192.168.1.5:4321`, `[fd00::5]:4321` or `kitchen.local:4321`, also from what is copied whole.

    Raises ValueError.
    """
    plain = re.sub(r"^http://|/(v1/?)?$", "", text.strip().lower())
    match = re.fullmatch(r"(\[[^\]]+\]|[^\[\]:]+):([0-9]{1,5})", plain)
    if match is None or not 1 <= int(match[2]) <= MOST_PORT:
        raise ValueError("no host and port")
    return f"{_parse_host(match[1])}:{int(match[2])}"


def _parse_host(text: str) -> str:
    if text.startswith("["):
        if "%" in text:
            raise ValueError("an address that counts on one computer only")
        return f"[{ipaddress.IPv6Address(text[1:-1])}]"
    with contextlib.suppress(ValueError):
        return str(ipaddress.IPv4Address(text))
    return _parse_name(text.removesuffix("."))


def _parse_name(name: str) -> str:
    """Raises ValueError. What ends in digits alone was meant to be numbers."""
    *_, last = labels = name.split(".")
    if last.isdecimal() or len(name) > LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("no name")
    return LOOPBACK_HOST if name == "localhost" else name


def host_in(address: str) -> str:
    """The name or numbers in it, without the port."""
    return address.rpartition(":")[0].removeprefix("[").removesuffix("]")


def is_on_this_computer(address: str) -> bool:
    """Whether what is sent there stays on this computer, or goes through a tunnel that begins here."""
    return not is_name(address) and ipaddress.ip_address(host_in(address)).is_loopback


def is_name(address: str) -> bool:
    """Whether the computer is called by a name, which may lead to another one each time."""
    try:
        ipaddress.ip_address(host_in(address))
    except ValueError:
        return True
    return False


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
    """None are known where the file is missing or makes no sense; the latter is kept beside it, then."""
    try:
        return KnownEngines.model_validate_json(path.read_bytes())
    except ValidationError:
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".damaged.json"))
    except OSError:
        pass
    return KnownEngines()


def write_known_engines(path: Path, known: KnownEngines) -> None:
    """Readable by its owner alone. Raises OSError."""
    write_whole(path, known.model_dump_json(), sync=True)
