"""Every setting, declared once. The file, the command line and the page are made from this table. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine.api.preferences_schema import Option, SettingKind, Value
from engine.api.sentences import said
from engine.byte_sizes import GB, MB
from engine.manners.rules import LONGEST_PROGRAM, MOST_PROGRAMS, HowMuchRules, WhenRules
from engine.membership.addresses import ip_of, is_peer_address
from engine.precision import PRECISIONS
from engine.preferences.kinds import (
    Choice,
    Kind,
    ModelName,
    Names,
    Number,
    OfDevices,
    Rate,
    Size,
    Switch,
    TimeWindows,
    is_device_key,
)
from engine.preferences.weekly import parse_window
from engine.settings import ALL_HOSTS, LOOPBACK_HOST, AuditSettings, ExchangeSettings

MOST_PORT = 65_535

Effect = Literal["now", "restart"]


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Declaration:
    """`to`: where the value goes in `engine.settings.Settings`, after `convert`."""

    key: str
    group: str
    kind: Kind
    default: Value
    short: str
    long: str
    to: tuple[str, ...] = ()
    convert: Callable[[Any], Any] = _same
    effect: Effect = "now"


def _if_any(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


def _listens(text: str) -> bool:
    port = re.search(r"/(?:tcp|udp)/(\d{1,5})(?:/|$)", text)
    return port is not None and int(port[1]) <= MOST_PORT and ip_of(text) is not None


_WHEN, _MUCH, _EXCHANGE = WhenRules(), HowMuchRules(), ExchangeSettings()
_MEMORY = Size("what is free", least=100 * MB, suggested=4 * GB)
_DUTY = Number(unit="%", least=10, most=100)
_PRECISION_TEXT = {
    "nf4": "4 bits (nf4)",
    "int8": "8 bits (int8)",
    "bfloat16": "16 bits (bfloat16)",
    "float16": "16 bits (float16)",
    "float32": "32 bits (float32)",
}
_PRECISION_OPTIONS = tuple(Option(value=name, text=_PRECISION_TEXT[name]) for name in PRECISIONS)

WHEN_TO_RUN = (
    Declaration(
        "when.idle_minutes",
        "when",
        Number("also while it is used", "min", 1, 240, suggested=10),
        None,
        "Only when nobody uses the computer",
        "Give after the keyboard and the mouse have rested for so long, and stop when they are used again.",
        ("when.idle_seconds",),
        _if_any(lambda minutes: 60.0 * minutes),
    ),
    Declaration(
        "when.schedule",
        "when",
        TimeWindows(),
        (),
        "Only at these times",
        "Without one, at any time. One that ends before it begins goes past midnight; one that ends when it "
        "begins lasts a whole day.",
        ("when.schedule",),
        lambda texts: tuple(map(parse_window, texts)),
    ),
    Declaration(
        "when.on_battery",
        "when",
        Switch(),
        _WHEN.on_battery,
        "Also on battery",
        "Otherwise it waits until the computer is plugged in.",
        ("when.on_battery",),
    ),
    Declaration(
        "when.metered",
        "when",
        Switch(),
        _WHEN.metered,
        "Also on a metered connection",
        "For example over a phone. Otherwise it waits for another connection.",
        ("when.metered",),
    ),
    Declaration(
        "when.full_screen",
        "when",
        Switch(),
        _WHEN.full_screen,
        "Also while an application fills the screen",
        "Games, films and talks have the computer to themselves unless this is on.",
        ("when.full_screen",),
    ),
    Declaration(
        "when.apps",
        "when",
        Names(
            what=said("names of programs"),
            page=SettingKind.PROGRAMS,
            most=MOST_PROGRAMS,
            longest=LONGEST_PROGRAM,
        ),
        (),
        "Not while one of these programs runs",
        "Write the name of the program as the system's task list shows it, for example blender.",
        ("when.apps",),
        frozenset,
    ),
    Declaration(
        "when.other_gpu_load",
        "when",
        Number("whatever others use", "%", 1, 100),
        round(100 * (_WHEN.other_gpu_load or 0)),
        "Not while other programs use the card more than",
        "Counts what every other program on this computer uses of the graphics card together.",
        ("when.other_gpu_load",),
        _if_any(lambda percent: percent / 100),
    ),
    Declaration(
        "when.max_celsius",
        "when",
        Number("however hot it is", "°C", 40, 110),
        round(_WHEN.max_celsius or 0),
        "Not while the card is hotter than",
        "It goes on when the card has cooled down by some degrees.",
        ("when.max_celsius",),
        _if_any(float),
    ),
    Declaration(
        "when.monthly_traffic",
        "when",
        Size("no limit", least=100 * MB, suggested=50 * GB),
        None,
        "Traffic in a month, at most",
        "Up and down together. When it is used up, Potluck waits for the next month.",
        ("when.monthly_bytes",),
    ),
    Declaration(
        "when.free_disk",
        "when",
        Size(),
        _WHEN.free_disk_bytes,
        "Keep free on the disk, at least",
        "Of the disk that holds the layers.",
        ("when.free_disk_bytes",),
    ),
    Declaration(
        "when.only_if_certain",
        "when",
        Switch(),
        _WHEN.only_if_certain,
        "Wait also for what cannot be told",
        "Some computers do not say whether a window fills the screen, or whether a connection is metered. "
        "That they are in use is assumed anyway where it cannot be told.",
        ("when.only_if_certain",),
    ),
)

HOW_MUCH = (
    Declaration(
        "give.memory",
        "how_much",
        _MEMORY,
        None,
        "Memory, at most",
        "On each device: a graphics card's own memory, or the computer's. Your programs keep enough anyway.",
        ("host.memory_bytes", "how_much.memory_bytes"),
    ),
    Declaration(
        "give.duty",
        "how_much",
        _DUTY,
        round(100 * _MUCH.duty),
        "Share of the time in which a device computes",
        "Less makes it cooler, quieter and slower.",
        ("how_much.duty",),
        lambda percent: percent / 100,
    ),
    Declaration(
        "give.upload",
        "how_much",
        Rate("no limit", suggested=2 * MB),
        None,
        "Upload, at most",
        "Of layers that other computers fetch from this one.",
        ("exchange.upload_bytes_per_s", "how_much.upload_bytes_per_s"),
        effect="restart",
    ),
    Declaration(
        "give.download",
        "how_much",
        Rate("no limit", suggested=2 * MB),
        None,
        "Download, at most",
        "Of layers that this computer fetches from others.",
        ("exchange.download_bytes_per_s", "how_much.download_bytes_per_s"),
        effect="restart",
    ),
    Declaration(
        "give.fetch_ahead",
        "how_much",
        Rate("not at all"),
        _EXCHANGE.ahead_bytes_per_s,
        "Fetch layers before they are needed, at most with",
        "So that this computer can help out at once where another one leaves.",
        ("exchange.ahead_bytes_per_s",),
        lambda rate: rate or 0,
        effect="restart",
    ),
    Declaration(
        "give.keep_awake",
        "how_much",
        Switch(),
        _MUCH.keep_awake,
        "Keep the computer awake while it gives",
        "Otherwise it goes to sleep as it always does.",
        ("how_much.keep_awake",),
    ),
    Declaration(
        "layers.limit",
        "how_much",
        Size("what Potluck finds right", suggested=50 * GB),
        None,
        "Disk for layers, at most",
        "The layers that were not used for the longest time make room for new ones.",
    ),
)

DEVICES = (
    Declaration(
        "devices.use",
        "devices",
        Names(
            fits=is_device_key,
            what=said("devices: cpu, or cards as `potluck-engine plan` shows them"),
            page=SettingKind.DEVICES,
        ),
        (),
        "Give with",
        "Each one serves layers of its own. With none chosen, Potluck takes those that are of use.",
        ("host.devices",),
        lambda keys: keys or None,
    ),
    Declaration(
        "devices.memory",
        "devices",
        OfDevices(each=replace(_MEMORY, none=None), common="give.memory", example="cpu=4GB, GPU-1f3a=8GB"),
        {},
        "Memory on single devices, at most",
        "Instead of what holds for all of them.",
        ("host.memory_by_device", "how_much.memory_by_device"),
    ),
    Declaration(
        "devices.duty",
        "devices",
        OfDevices(each=_DUTY, common="give.duty", example="cpu=50, GPU-1f3a=80"),
        {},
        "Share of the time in which single devices compute",
        "Instead of what holds for all of them.",
        ("how_much.duty_by_device",),
        lambda percents: {device: percent / 100 for device, percent in percents.items()},
    ),
    Declaration(
        "devices.precision",
        "devices",
        Choice("Potluck chooses", options=_PRECISION_OPTIONS),
        None,
        "Keep layers in",
        "Fewer bits take less memory and make answers a little coarser.",
        ("host.precision",),
    ),
    Declaration(
        "devices.cache",
        "devices",
        Size("Potluck chooses", least=10 * MB, suggested=GB),
        None,
        "Memory for answers under way",
        "On each device. More of it serves longer conversations, and more of them at once.",
        ("host.cache_bytes",),
    ),
    Declaration(
        "devices.threads",
        "devices",
        Number("Potluck chooses", "", 1, 4096, suggested=4),
        None,
        "Threads on the processor",
        "With which the processor computes, where it gives.",
        ("host.threads",),
    ),
    Declaration(
        "devices.model",
        "devices",
        ModelName("what the swarm needs"),
        None,
        "Model to serve",
        "Left to Potluck, it is the one of which the swarm misses most.",
        ("host.model",),
    ),
)

SWARM = (
    Declaration(
        "swarm.lan",
        "swarm",
        Switch(),
        False,
        "Join Potluck on computers nearby",
        "Those in the same local network find each other by themselves.",
        ("swarm.lan",),
    ),
    Declaration(
        "swarm.peers",
        "swarm",
        Names(fits=is_peer_address, what=said("addresses such as {example}", example="/ip4/…/tcp/…/p2p/…")),
        (),
        "Join through these computers",
        "Each of them shows its addresses here, in its own settings, to be copied. "
        "One that answers leads to all others.",
        ("swarm.initial_peers",),
    ),
    Declaration(
        "swarm.listen",
        "swarm",
        Names(fits=_listens, what=said("addresses such as {example}", example="/ip4/0.0.0.0/tcp/31330")),
        (),
        "Be reached at",
        "For a fixed port that a router passes on. Without one, Potluck takes what is free.",
        ("swarm.listen_asked",),
    ),
)

CHAT = (
    Declaration(
        "answers.min_precision",
        "chat",
        Choice(options=_PRECISION_OPTIONS),
        PRECISIONS[0],
        "Answers from layers kept in at least",
        "More bits give better answers, and fewer computers that can give them.",
        ("answers.min_precision",),
        effect="restart",
    ),
    Declaration(
        "answers.audit_share",
        "chat",
        Number(unit="%", least=0, most=100),
        round(100 * AuditSettings().share),
        "Work of others that is checked",
        "So much of it is done again on another computer, to find out who answers wrongly.",
        ("audit.share",),
        lambda percent: percent / 100,
        effect="restart",
    ),
)

API = (
    Declaration(
        "api.port",
        "api",
        Number(least=0, most=MOST_PORT),
        0,
        "Port of the local address",
        "0 takes any free one at each start. Choose one if other programs shall find Potluck there.",
        ("api.port",),
        effect="restart",
    ),
    Declaration(
        "api.other_computers",
        "api",
        Switch(),
        False,
        "Let other computers use this address",
        "Those that know the key. It travels unencrypted: only in a network that you trust.",
        ("api.host",),
        lambda others: ALL_HOSTS if others else LOOPBACK_HOST,
        effect="restart",
    ),
    Declaration(
        "api.steered_from_elsewhere",
        "api",
        Switch(),
        False,
        "Let windows on other computers steer this one",
        "Where they may use this address at all. Files, invite links and this page stay out of their reach. "
        "Through an SSH tunnel they need neither switch, and nobody listens.",
        ("api.steered_from_elsewhere",),
        effect="restart",
    ),
)

DECLARED: tuple[Declaration, ...] = (*WHEN_TO_RUN, *HOW_MUCH, *DEVICES, *SWARM, *CHAT, *API)


def declared(key: str) -> Declaration | None:
    return next((declaration for declaration in DECLARED if declaration.key == key), None)
