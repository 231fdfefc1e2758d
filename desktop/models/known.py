"""The models that the swarm serves and those of this computer, as one list. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from engine.api.catalogue_schema import CataloguedModel
from engine.api.schema import ModelInfo
from engine.api.store_schema import StoredModel

BYTES_PER_PARAMETER = 2  # as most models are published: bfloat16


@dataclass(frozen=True)
class KnownModel:
    """`served` is None where the swarm is not known to know it, `stored` where this computer does not."""

    name: str
    digest: str
    n_layers: int
    served: ModelInfo | None = None
    stored: StoredModel | None = None
    catalogued: CataloguedModel | None = None
    ours: tuple[tuple[int, int], ...] = ()  # layers that this computer serves

    @property
    def complete(self) -> bool:
        return self.served is not None and self.served.complete

    @property
    def can_chat(self) -> bool:
        return self.complete and (self.stored is None or self.stored.kind != "encoder")

    @property
    def context(self) -> int:
        return self.served.context if self.served else 0

    @property
    def missing(self) -> int:
        """Layers that nobody serves."""
        gaps = self.served.gaps if self.served else ((0, self.n_layers),)
        return sum(end - start for start, end in gaps)

    @property
    def size(self) -> int | None:
        """Bytes of the whole model; from the catalogue if it is not known better."""
        if self.stored is not None:
            return self.stored.size
        if self.catalogued is None or self.catalogued.parameters is None:
            return None
        return self.catalogued.parameters * BYTES_PER_PARAMETER

    @property
    def missing_size(self) -> int | None:
        """Bytes of the layers that nobody serves."""
        if self.stored is not None and self.served is not None:
            layers = self.stored.layers
            return sum(layer.size for start, end in self.served.gaps for layer in layers[start:end])
        return None if self.size is None else self.size * self.missing // max(1, self.n_layers)


def known_models(
    served: Sequence[ModelInfo],
    stored: Sequence[StoredModel],
    ours: Iterable[tuple[str, tuple[int, int]]],
    catalogue: Sequence[CataloguedModel],
) -> tuple[KnownModel, ...]:
    """Those that can answer first, then those that miss least. `ours`: names and layers served here."""
    here = {model.digest: model for model in stored}
    there = {model.digest: model for model in served}
    spans = tuple(ours)
    made = (_known(digest, there.get(digest), here.get(digest), spans, catalogue) for digest in here | there)
    return tuple(sorted(made, key=_order))


def _known(
    digest: str,
    served: ModelInfo | None,
    stored: StoredModel | None,
    ours: Sequence[tuple[str, tuple[int, int]]],
    catalogue: Sequence[CataloguedModel],
) -> KnownModel:
    name = stored.name if stored else served.name if served else digest
    n_layers = len(stored.layers) if stored else served.n_layers if served else 0
    return KnownModel(
        name=name,
        digest=digest,
        n_layers=n_layers,
        served=served,
        stored=stored,
        catalogued=next((entry for entry in catalogue if _fits(entry, name)), None),
        ours=tuple(span for model, span in ours if model == name),
    )


def _fits(entry: CataloguedModel, name: str) -> bool:
    """As the engine finds entries: by the whole repository, or by what is behind its slash."""
    known = entry.source if "/" in name else entry.source.partition("/")[2]
    return fnmatchcase(name.lower(), known.lower())


def _order(model: KnownModel) -> tuple[float, int, str]:
    return model.missing / max(1, model.n_layers), -(model.size or 0), model.name.lower()


def found(models: Sequence[KnownModel], words: str) -> tuple[KnownModel, ...]:
    """Those whose name has all of these words in it."""
    wanted = words.lower().split()
    return tuple(model for model in models if all(word in model.name.lower() for word in wanted))
