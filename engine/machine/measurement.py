"""What a measuring process says: one line for each thing that it measured, parsed once, bounded."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.precision import Precision

Rate = Annotated[float, Field(gt=0, le=1e18)]  # of anything per second


class Rates(BaseModel):
    """See `engine.machine.speeds.Speed`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    flops_per_s: Rate
    bytes_per_s: Rate
    layer_seconds: float = Field(default=0.0, ge=0, le=60)


class ThreadRates(BaseModel):
    """Of the processor with so many threads: how often a second it multiplies one row, and many at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    threads: int = Field(ge=1, le=1 << 16)
    row_per_s: Rate
    rows_per_s: Rate


class Measurement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Precision
    rates: Rates | None  # None: the device cannot do it
