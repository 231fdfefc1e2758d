"""What a request may demand beside OpenAI's fields: sent as `potluck`."""

from pydantic import BaseModel, ConfigDict

from engine.precision import Precision


class Demands(BaseModel):
    """What is not understood is refused: passed over, it would seem to hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_precision: Precision | None = None  # of every layer that serves it; None: as the engine was told
