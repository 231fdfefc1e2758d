"""Where Potluck keeps things and how it is set up: frozen values, read once, handed down by constructors."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import platformdirs

from engine.manners.rules import HowMuchRules, WhenRules
from engine.precision import PRECISIONS, Precision
from engine.store_place import store_folder

LOOPBACK_HOST = "127.0.0.1"
ALL_HOSTS = "0.0.0.0"
ALL_INTERFACES = "/ip4/0.0.0.0/tcp/0"
LOOPBACK = "/ip4/127.0.0.1/tcp/0"


@dataclass(frozen=True)
class Paths:
    """Folders of one Potluck installation. `POTLUCK_HOME` puts all of them under one folder."""

    data: Path  # identity, run file, lock, settings, conversations
    cache: Path  # the layer store: can be rebuilt
    logs: Path
    layers: Path | None = None  # the layer store, where it was moved out of `cache`

    @classmethod
    def from_environment(cls) -> "Paths":
        paths = cls._by_default()
        return replace(paths, layers=store_folder(paths.store_place, paths.first_layer_store))

    @classmethod
    def _by_default(cls) -> "Paths":
        home = os.environ.get("POTLUCK_HOME")
        if home:
            root = Path(home).expanduser().absolute()
            return cls(root / "data", root / "cache", root / "logs")
        return cls(
            Path(platformdirs.user_data_dir("potluck", appauthor=False)),
            Path(platformdirs.user_cache_dir("potluck", appauthor=False)),
            Path(platformdirs.user_log_dir("potluck", appauthor=False)),
        )

    @property
    def run_file(self) -> Path:
        """JSON of the running engine: port, key, pid, version. Readable by the owner alone."""
        return self.data / "engine.json"

    @property
    def api_key(self) -> Path:
        """The local API's key: stays the same over restarts, for programs that were told it."""
        return self.data / "api.key"

    @property
    def known_engines(self) -> Path:
        """JSON: engines on other computers that the window knows, with their keys."""
        return self.data / "engines.json"

    @property
    def settings_file(self) -> Path:
        """TOML: what the owner has set."""
        return self.data / "settings.toml"

    @property
    def donation(self) -> Path:
        """JSON: whether the owner wants to give."""
        return self.data / "donation.json"

    @property
    def given(self) -> Path:
        """JSON: what was given, by hour, day and month; a journal of what came since lies beside it."""
        return self.data / "given.json"

    @property
    def traffic(self) -> Path:
        """JSON: bytes that Potluck sent and received, by month."""
        return self.data / "traffic.json"

    @property
    def recorded_day(self) -> Path:
        """JSON lines: how it was on this computer in the last 24 hours, as far as the owner's rules ask."""
        return self.data / "day.jsonl"

    @property
    def engine_log(self) -> Path:
        return self.logs / "engine.log"

    def block_server_log(self, place: str = "") -> Path:
        return self.logs / f"{_joined('block-server', place)}.log"

    @property
    def lock_file(self) -> Path:
        return self.data / "engine.lock"

    @property
    def layer_store(self) -> Path:
        return self.layers or self.first_layer_store

    @property
    def first_layer_store(self) -> Path:
        """Where the layers are until their owner moves them."""
        return self.cache / "layers"

    @property
    def store_place(self) -> Path:
        """JSON: where the layer store was moved to."""
        return self.data / "layer-store.json"

    @property
    def swarm_file(self) -> Path:
        """JSON: the private swarm that this computer belongs to, with its key."""
        return self.data / "swarm.json"

    def donor_identity(self, tag: str = "", place: str = "") -> Path:
        """Private key of a block server: its peer id stays the same over restarts, and differs by swarm.

        `place`: the key of its device, where another device of this computer gives, too.
        """
        return self.data / f"{_joined('donor', place, tag)}.key"

    def member_identity(self, tag: str) -> Path:
        """Private key of the daemon's own node in a private swarm: invite links go on leading here."""
        return self.data / f"member-{tag}.key"

    def port(self, of: str, tag: str = "", place: str = "") -> Path:
        """The port that a node listens on, `of` the engine or a block server: the same over restarts."""
        return self.data / f"{_joined(of, place, tag)}.port"

    def remembered_peers(self, swarm: str) -> Path:
        """JSON: ways into a swarm whose initial peers are gone."""
        return self.data / f"peers-{swarm}.json"

    @property
    def peer_book(self) -> Path:
        """JSON: what was seen of other computers."""
        return self.data / "peer-book.json"

    @property
    def speeds(self) -> Path:
        """JSON: what this computer and its line were measured to do."""
        return self.data / "speeds.json"


def _joined(*names: str) -> str:
    """Without empty ones, and without what does not belong into a file's name."""
    return "-".join(re.sub(r"[^\w.-]", "_", name) for name in names if name)


@dataclass(frozen=True)
class SwarmMember:
    """This computer as a member of a private swarm."""

    name: str
    tag: str  # tells private swarms apart and opens nothing
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class SwarmSettings:
    """Which swarm to join. No initial peers and no membership: this computer alone."""

    initial_peers: tuple[str, ...] = ()
    listen_asked: tuple[str, ...] = ()  # empty: on all interfaces where others take part, else on loopback
    member: SwarmMember | None = None
    lan: bool = False  # join who is found in the local network
    lan_interfaces: tuple[str, ...] = ()  # IP addresses; empty: all, but not loopback

    @property
    def tag(self) -> str:
        """Of the private swarm; empty without one."""
        return self.member.tag if self.member else ""

    @property
    def looks_in_lan(self) -> bool:
        return self.lan or self.member is not None

    @property
    def listen(self) -> tuple[str, ...]:
        if self.listen_asked:
            return self.listen_asked
        return (ALL_INTERFACES,) if self._with_others else (LOOPBACK,)

    @property
    def _with_others(self) -> bool:
        return self.member is not None or bool(self.initial_peers) or self.lan

    @property
    def private(self) -> bool:
        """Only this computer takes part."""
        return not self._with_others and all(map(is_loopback, self.listen))

    @property
    def block_server_listen(self) -> tuple[str, ...]:
        """The same interfaces on any free port: the daemon's own node has the one that was asked for."""
        return tuple(re.sub(r"/(tcp|udp)/\d+", r"/\1/0", address) for address in self.listen)


def is_loopback(multiaddr: str) -> bool:
    return multiaddr.startswith(("/ip4/127.", "/ip6/::1/"))


@dataclass(frozen=True)
class HostSettings:
    """What the block server may use. `None` leaves the choice to the plan."""

    model: str | None = None  # manifest name; None: what the swarm needs
    layers: tuple[int, int] | None = None  # half-open [start, end)
    precision: str | None = None
    threads: int | None = None
    cache_bytes: int | None = None
    devices: tuple[str, ...] | None = None  # keys of those that may be used: “cpu”, or of cards
    memory_bytes: int | None = None  # at most, on each device
    memory_by_device: Mapping[str, int] = field(default_factory=dict)  # by key: instead of that

    def memory_of(self, device: str) -> int | None:
        """Bytes that serving may take there; None: no limit."""
        return self.memory_by_device.get(device, self.memory_bytes)

    def may_use(self, device: str) -> bool:
        return self.devices is None or device in self.devices


@dataclass(frozen=True)
class ReplanSettings:
    """When it is thought about what to serve. Seconds."""

    every: tuple[float, float] = (60.0, 180.0)  # at random between these
    after_loss: float = 3.0  # at most, since a server of the same model has gone; at random, too
    announce: float = 120.0  # at most, until a block server has said what it may serve
    settle: float = 2.0  # from saying what may be served to the decision, where others are around
    look: float = 10.0  # between two looks at who is there


@dataclass(frozen=True)
class ExchangeSettings:
    """How fast layers go to and come from other computers, in bytes per second. `None`: no limit."""

    upload_bytes_per_s: int | None = None
    download_bytes_per_s: int | None = None
    ahead_bytes_per_s: int = 4_000_000  # of layers that nobody has asked for yet; 0: none are fetched

    @property
    def ahead(self) -> int:
        return min(self.ahead_bytes_per_s, self.download_bytes_per_s or self.ahead_bytes_per_s)


@dataclass(frozen=True)
class AuditSettings:
    """How much of other computers' work is done again elsewhere, to see that it is right."""

    share: float = 0.03  # of the work that this computer causes; 0: no audits


@dataclass(frozen=True)
class AnswerSettings:
    """How answers that this computer asks for are made."""

    min_precision: Precision = PRECISIONS[0]  # of every layer that serves one, where a request says nothing


@dataclass(frozen=True)
class ApiSettings:
    host: str = LOOPBACK_HOST  # ALL_HOSTS: other computers may ask, too
    port: int = 0  # 0: any free port; the run file says which
    steered_from_elsewhere: bool = False  # of those computers, also windows that steer


@dataclass(frozen=True)
class Settings:
    paths: Paths = field(default_factory=Paths.from_environment)
    api: ApiSettings = ApiSettings()
    swarm: SwarmSettings = SwarmSettings()
    host: HostSettings = HostSettings()
    replan: ReplanSettings = ReplanSettings()
    exchange: ExchangeSettings = ExchangeSettings()
    audit: AuditSettings = AuditSettings()
    answers: AnswerSettings = AnswerSettings()
    when: WhenRules = field(default_factory=WhenRules)
    how_much: HowMuchRules = field(default_factory=HowMuchRules)
    start_donating: bool = False
    start_paused: bool = False  # give nothing in this run until the owner says so
    told: Mapping[str, object] = field(default_factory=dict)  # values of settings that the command line gave
