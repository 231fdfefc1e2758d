"""Potluck's own rule: the decisions that real servers make."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from engine.placement.choice import STAY_SECONDS, candidates, prospects
from engine.placement.moves import Circumstances, move
from engine.placement.view import Candidate, Offer, SwarmView
from engine.simulation.rules import Choice, Manners, Serving


class Potluck:
    manners = Manners(announces_intent=True, announces_moves=True, fetches_ahead=True, mends=True)

    def __init__(self, random: Random, looks_near: bool = True) -> None:
        """`looks_near`: minds where servers are."""
        self._random = random
        self._looks_near = looks_near

    def choose(self, peer: str, view: SwarmView, offers: Sequence[Offer]) -> Choice | None:
        seen = prospects(self._seen(view), offers)
        best = next(candidates(seen, offers, STAY_SECONDS), None)  # the first of `ranked`
        return None if best is None else Choice(best.offer, best.start, best.end)

    def move(self, peer: str, view: SwarmView, offers: Sequence[Offer], serving: Serving) -> Choice | None:
        circumstances = Circumstances(
            served_seconds=serving.seconds,
            stay_seconds=STAY_SECONDS,
            away_seconds=serving.away_seconds,
            draw=0.0 if serving.is_ready else self._random.random(),
        )
        now = serving.choice
        current = Candidate(now.offer, now.start, now.end, 0.0, 0, "")
        best = move(self._seen(view), offers, current, circumstances)
        return None if best is None else Choice(best.offer, best.start, best.end)

    def _seen(self, view: SwarmView) -> SwarmView:
        return view if self._looks_near else replace(view, here=None)
