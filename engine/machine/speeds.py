"""How fast a device computes and reads, and what a step therefore takes: pure.

Source of the model: Williams et al. 2009, "Roofline: An Insightful Visual Performance Model". A step reads
every weight once and multiplies every row with it; whichever takes longer is what it takes, beside what a
layer's code takes whatever its size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.precision import Precision

MANY_SESSIONS = 8  # whose steps share a forward, where a server is asked for all that it usually can do
CPU = "cpu"  # the key of the computer's own processor; cards have theirs (`Gpu.key`)


@dataclass(frozen=True)
class Speed:
    """Of one device with weights kept in one precision."""

    flops_per_s: float  # of a matrix product of many rows; a multiplication with its addition is 2
    bytes_per_s: float  # at which the kept weights are read by a product of one row
    measured: bool = False  # else estimated from what the device is
    layer_seconds: float = 0.0  # that each layer takes beside that, however small it is


@dataclass(frozen=True)
class Speeds:
    """Of one computer."""

    of: Mapping[str, Mapping[Precision, Speed]] = field(default_factory=dict)  # by device key
    disk_bytes_per_s: float | None = None  # reading
    upload_bytes_per_s: float | None = None
    download_bytes_per_s: float | None = None
    threads: int | None = None  # with which its own processor was measured to be fastest


def step_seconds(speed: Speed, weight_bytes: int, values: int, rows: int = 1) -> float:
    """Of one forward of `rows` tokens through a layer of so many numbers kept in so many bytes."""
    return max(weight_bytes / speed.bytes_per_s, 2 * values * rows / speed.flops_per_s) + speed.layer_seconds
