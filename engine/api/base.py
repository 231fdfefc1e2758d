"""What all words of the local API are built on."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """Frozen; fields that a newer program added are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")
