"""What a request may demand beside OpenAI's fields: sent as `potluck`."""

from pydantic import BaseModel, ConfigDict

from engine.precision import Precision


class Demands(BaseModel):
    """What is not understood is refused: passed over, it would seem to hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_precision: Precision | None = None  # of every layer that serves it; None: as the engine was told
    fit: bool = False  # leave the oldest turns of a chat out that the model cannot read as a whole
    go_on: bool = False  # the chat ends with the assistant's turn: write the rest of it, not a new one
    tell_repairs: bool = False  # say in the stream when layers have to be served by somebody else, and now
    # and then how the answer has come about so far: who stops it hears of no end
