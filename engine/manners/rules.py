"""What the owner allows: under which conditions Potluck gives, and how much it may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A time of the week in local time; one that ends before it begins goes past midnight."""

    weekdays: frozenset[int]  # Monday is 0: the day on which it begins
    start: int  # minutes after midnight
    end: int


@dataclass(frozen=True)
class WhenRules:
    """Potluck gives only while all of these allow it."""

    idle_seconds: float | None = None  # that nobody has touched the computer; None: also while it is used
    schedule: tuple[Window, ...] = ()  # empty: at any time
    on_battery: bool = False  # also then
    metered: bool = False  # also on a connection that is
    full_screen: bool = False  # also while an application fills the screen
    apps: frozenset[str] = frozenset()  # names of programs; not while one of them runs
    other_gpu_load: float | None = 0.3  # of a card, by other programs; not above. None: whatever it is
    max_celsius: float | None = 83.0  # of a card; None: whatever it is
    monthly_bytes: int | None = None  # up and down together; None: without a limit
    free_disk_bytes: int = 2 << 30  # that stay free on the layer store's disk


@dataclass(frozen=True)
class HowMuchRules:
    """Limits while it gives. None: without a limit."""

    memory_bytes: int | None = None  # on each device
    duty: float = 1.0  # share of the time in which a device may compute
    upload_bytes_per_s: int | None = None
    download_bytes_per_s: int | None = None
    keep_awake: bool = False  # keep the computer from going to sleep while it gives
