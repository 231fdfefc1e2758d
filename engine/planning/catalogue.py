"""What is known of widely used open models: `resources/catalogue.toml`. Pure but for that file.

An entry is found by the name of a source repository, or by the part of it behind the slash. Whoever imports a
model names it: a name is no proof of what the weights are. Therefore an entry may ask for finer precision
than the rule by size does, and never allows a coarser one; parameters and licence are for people to read; a
draft model is a proposal, which whoever uses it has to check against the tokenizer. Weights are known by
their manifest's digest alone.
"""

import json
import tomllib
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.precision import PRECISIONS, Precision

# Parameters. Models with fewer suffer more: what the starter model loses stands in `engine.planning.quality`.
SMALL = 1_000_000_000
SMALL_FLOOR: Precision = "int8"

Repository = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]+/[A-Za-z0-9_.\-]+$", max_length=200)]
Pattern = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]+/[A-Za-z0-9_.\-*]+$", max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Entry(_Strict):
    """One model, or models that differ in their training alone. None: nothing is said."""

    source: Pattern  # repositories; `*` stands for any characters
    parameters: Annotated[int, Field(gt=0, le=10**14)] | None = None
    licence: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    floor: Precision | None = None  # weights in coarser ones spoil its answers too much
    draft: Repository | None = None  # a small model that speaks with the same tokens

    def fits(self, name: str) -> bool:
        """Letters' case does not count."""
        pattern = self.source if "/" in name else self.source.partition("/")[2]
        return fnmatchcase(name.lower(), pattern.lower())


class Catalogue(_Strict):
    model: tuple[Entry, ...] = ()  # of several that fit, the first counts

    def entry(self, name: str) -> Entry | None:
        """Of a model whose source repository, or display name, is `name`."""
        return next((entry for entry in self.model if entry.fits(name)), None)


def parse(text: str) -> Catalogue:
    """From TOML. Raises ValueError."""
    return Catalogue.model_validate_json(json.dumps(tomllib.loads(text)))  # JSON: lists are read as tuples


@cache
def shipped() -> Catalogue:
    """The one that comes with Potluck."""
    return parse(files("resources").joinpath("catalogue.toml").read_text(encoding="utf-8"))


def floor_of(name: str, parameters: int, catalogue: Catalogue | None = None) -> Precision:
    """The coarsest precision that a model of so many parameters may be kept in.

    The rule by size, or the catalogue's entry where that is finer.
    """
    by_size = SMALL_FLOOR if parameters < SMALL else PRECISIONS[0]
    entry = (catalogue or shipped()).entry(name)
    if entry is None or entry.floor is None:
        return by_size
    return max(by_size, entry.floor, key=PRECISIONS.index)
