"""What is known of widely used open models: GET /potluck/v1/catalogue -> CatalogueList."""

from engine.api.base import Schema
from engine.precision import Precision


class CataloguedModel(Schema):
    """One model, or models that differ in their training alone. None: nothing is said."""

    source: str  # a hub's owner/name; `*` stands for any characters
    parameters: int | None = None
    licence: str | None = None
    floor: Precision  # the coarsest precision that it is kept in


class CatalogueList(Schema):
    models: tuple[CataloguedModel, ...]
