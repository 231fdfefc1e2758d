"""Potluck's own rule: the decisions that real servers make."""

from collections.abc import Sequence
from random import Random

from engine.placement.choice import candidates, prospects
from engine.placement.moves import Circumstances, move
from engine.placement.view import Candidate, Offer, SwarmView
from engine.simulation.rules import Choice, Serving


class Potluck:
    name = "potluck"
    announces_intent = True

    def __init__(self, random: Random) -> None:
        self._random = random

    def choose(
        self, peer: str, view: SwarmView, offers: Sequence[Offer], stays_seconds: float
    ) -> Choice | None:
        best = next(candidates(prospects(view, offers), offers, stays_seconds), None)  # the first of `ranked`
        return None if best is None else Choice(best.offer, best.start, best.end)

    def move(
        self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving, stays_seconds: float
    ) -> Choice | None:
        circumstances = Circumstances(
            served_seconds=serving.seconds,
            stay_seconds=stays_seconds,
            away_seconds=serving.away_seconds,
            draw=self._random.random(),
        )
        now = serving.choice
        current = Candidate(now.offer, now.start, now.end, 0.0, 0.0, 0, "")
        best = move(view, offers, current, circumstances)
        return None if best is None else Choice(best.offer, best.start, best.end)
