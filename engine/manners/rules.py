"""What the owner allows: under which conditions Potluck gives, and how much it may take.

Rules that cannot be are refused when they are made (pydantic's ValidationError, which is a ValueError).
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

DAY_MINUTES = 24 * 60
MOST_WINDOWS = 50
MOST_PROGRAMS = 100
LONGEST_PROGRAM = 200  # characters of its name
MOST_DEVICES = 100
DEVICE_KEY = r"[A-Za-z0-9_.:\-]{1,100}"
_EXACT = ConfigDict(extra="forbid")

Weekday = Annotated[int, Field(ge=0, le=6)]  # Monday is 0
Minute = Annotated[int, Field(ge=0, le=DAY_MINUTES)]  # after midnight
Bytes = Annotated[int, Field(ge=0, le=1 << 60)]
BytesPerSecond = Annotated[int, Field(gt=0, le=1 << 40)]
IdleSeconds = Annotated[float, Field(ge=1, le=24 * 3600)]
Share = Annotated[float, Field(ge=0, le=1)]
Celsius = Annotated[float, Field(ge=30, le=120)]
Program = Annotated[str, Field(min_length=1, max_length=LONGEST_PROGRAM)]  # its name, as the system lists it
DeviceKey = Annotated[str, Field(pattern=f"^{DEVICE_KEY}$")]  # the same wherever the card is plugged in
Memory = Annotated[int, Field(gt=0, le=1 << 50)]  # bytes
Duty = Annotated[float, Field(ge=0.05, le=1)]  # share of the time in which a device may compute
Programs = Annotated[frozenset[Program], Field(max_length=MOST_PROGRAMS)]


@dataclass(frozen=True, config=_EXACT)
class Window:
    """A time of the week in local time; one that ends before it begins goes past midnight."""

    weekdays: Annotated[frozenset[Weekday], Field(min_length=1)]  # on which it begins
    start: Minute
    end: Minute  # the same as `start`: a whole day


@dataclass(frozen=True, config=_EXACT)
class WhenRules:
    """Potluck gives only while all of these allow it.

    What cannot be told on a computer counts as in its owner's way: idle time always, the rest where
    `only_if_certain` says so.
    """

    idle_seconds: IdleSeconds | None = None  # that nobody has touched it; None: also while it is used
    schedule: Annotated[tuple[Window, ...], Field(max_length=MOST_WINDOWS)] = ()  # empty: at any time
    on_battery: bool = False  # also then
    metered: bool = False  # also on a connection that is
    full_screen: bool = False  # also while an application fills the screen
    apps: Programs = frozenset()  # not while one of them runs
    other_gpu_load: Share | None = 0.3  # of a card, by other programs; not above. None: whatever it is
    max_celsius: Celsius | None = 83.0  # of a card; None: whatever it is
    monthly_bytes: Bytes | None = None  # up and down together; None: without a limit
    free_disk_bytes: Bytes = 2_000_000_000  # that stay free on the layer store's disk
    only_if_certain: bool = False  # also what cannot be told keeps it from giving


@dataclass(frozen=True, config=_EXACT)
class HowMuchRules:
    """Limits while it gives. None: without a limit. What is said of one device goes before the rest."""

    memory_bytes: Memory | None = None  # on each device
    memory_by_device: Annotated[Mapping[DeviceKey, Memory], Field(max_length=MOST_DEVICES)] = field(
        default_factory=dict
    )
    duty: Duty = 1.0  # of each device
    duty_by_device: Annotated[Mapping[DeviceKey, Duty], Field(max_length=MOST_DEVICES)] = field(
        default_factory=dict
    )
    upload_bytes_per_s: BytesPerSecond | None = None
    download_bytes_per_s: BytesPerSecond | None = None
    keep_awake: bool = False  # keep the computer from going to sleep while it gives

    def duty_of(self, device: str) -> float:
        return self.duty_by_device.get(device, self.duty)
