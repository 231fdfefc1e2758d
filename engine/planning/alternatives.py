"""What else a device could do, and why it does not: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.api.sentences import counted, said
from engine.placement.view import Candidate
from engine.planning.models import ModelShape
from engine.planning.offers import precision_in
from engine.planning.plans import Alternative, HostPlan
from engine.precision import PRECISIONS, coarsest

MOST = 5
AS_GOOD = 0.995  # of the best one's worth


def alternatives_of(
    found: Sequence[Candidate], chosen: Candidate | None, made: HostPlan | None, models: Iterable[ModelShape]
) -> tuple[Alternative, ...]:
    """Of candidates, best first, those that were not chosen: the best of each way before others of the same.

    `made`: the plan that stands, if there is one.
    """
    if made is None:
        return ()
    names = {shape.digest: shape.name for shape in models}
    others = [one for one in found if one is not chosen and not (chosen is None and _is_it(one, made))]
    best = found[0].worth if found else 0.0
    first = {(one.offer.model, one.offer.label): one for one in reversed(others)}
    others.sort(key=lambda one: first[one.offer.model, one.offer.label] is not one)
    kept = sorted(others[:MOST], key=lambda one: -one.worth)
    return tuple(_Comparison(other, made, best).alternative(names) for other in kept)


def _is_it(candidate: Candidate, made: HostPlan) -> bool:
    same = (candidate.offer.model, candidate.start, candidate.end) == (made.model, made.start, made.end)
    return same and precision_in(candidate.offer) in made.layer_precisions


@dataclass(frozen=True)
class _Comparison:
    candidate: Candidate
    made: HostPlan
    best: float

    def alternative(self, names: Mapping[str, str]) -> Alternative:
        return Alternative(
            model_name=names[self.candidate.offer.model],
            start=self.candidate.start,
            end=self.candidate.end,
            precisions=precision_in(self.candidate.offer),
            worth=self._share,
            why_not=self._why_not(),
        )

    @property
    def _share(self) -> float:
        return self.candidate.worth / self.best if self.best > 0 else 0.0

    def _why_not(self) -> str:
        why = self.candidate.why
        if self._share >= AS_GOOD:
            return said("{why:opening}, but {tie}.", why=why, tie=self._tie())
        return said(
            "{why:opening}, but that is worth {percent}% of the best choice: {difference}.",
            why=why,
            percent=round(100 * self._share),
            difference=self._difference(),
        )

    def _tie(self) -> str:
        if self.candidate.offer.model != self.made.model:
            return said("the other model is needed as much")
        if self.candidate.missing_bytes:
            return said("of layers that are needed as much, the first ones are taken, or those that are here")
        return said("of layers that are needed as much, the first ones are taken")

    def _difference(self) -> str:
        if self.candidate.offer.model != self.made.model:
            return said("the other model is needed more")
        fewer = (self.made.end - self.made.start) - (self.candidate.end - self.candidate.start)
        precision = precision_in(self.candidate.offer)
        if fewer > 0 and precision == coarsest(self.made.layer_precisions):
            return counted(
                "{n} layer fewer fit beside a larger cache",
                "{n} layers fewer fit beside a larger cache",
                fewer,
            )
        if fewer > 0:
            return counted(
                "{n} layer fewer fit in {precision}",
                "{n} layers fewer fit in {precision}",
                fewer,
                precision=precision,
            )
        if fewer < 0:
            return said("the cache beside so many layers would have room for few chats")
        if PRECISIONS.index(precision) < PRECISIONS.index(coarsest(self.made.layer_precisions)):
            return said("{precision} is coarser than need be", precision=precision)
        return said("other layers are needed more")
