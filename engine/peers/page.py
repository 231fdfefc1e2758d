"""All that the book has on one peer, and what of it is worth a place on disk."""

from pydantic import BaseModel, ConfigDict, Field

from engine.peers.links import MAX_RATE, MAX_ROUND_TRIP, Link, Recent
from engine.peers.reputation import ANSWERS, HONESTY, Kind, Reputation, Tally
from engine.wire.records import PeerIdText

STEP_SECONDS = 120.0  # a server's load changes
PROVEN = 5.0  # answers or audits that make a peer worth remembering


class SavedTally(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    good: float = Field(ge=0, le=1e6)
    bad: float = Field(ge=0, le=1e6)


class SavedPeer(BaseModel):
    """Ages are in seconds, at the time of saving."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    peer: PeerIdText
    age: float = Field(ge=0)  # of the measurements
    round_trip: float | None = Field(default=None, ge=0, le=MAX_ROUND_TRIP)
    bytes_per_s: float | None = Field(default=None, gt=0, le=MAX_RATE)
    answers: SavedTally
    honesty: SavedTally


class Page:
    def __init__(self, link: Link | None = None, reputation: Reputation | None = None) -> None:
        self.link = link or Link()
        self.layer_seconds = Recent(STEP_SECONDS)
        self.layer_tokens_per_s = Recent(STEP_SECONDS)
        self.reputation = reputation or Reputation()
        self.queue = (0, 0.0)  # steps that waited there, and until when that counts (Unix time)
        self.heard_at = 0.0  # its last answer, by the clock of `time.monotonic`

    @classmethod
    def restored(cls, saved: SavedPeer, elapsed: float, now: float) -> "Page":
        """What was saved `elapsed` seconds ago."""
        link, measured_at = Link(), now - elapsed - saved.age
        if saved.round_trip is not None:
            link.round_trip.note(saved.round_trip, measured_at)
        if saved.bytes_per_s is not None:
            link.bytes_per_s.note(saved.bytes_per_s, measured_at)
        answers = _tally(ANSWERS, saved.answers, now - elapsed)
        return cls(link, Reputation(answers, _tally(HONESTY, saved.honesty, now - elapsed)))

    def saved(self, peer: str, now: float) -> SavedPeer | None:
        """None for a peer that little is known of."""
        answers, honesty = (
            SavedTally(good=good, bad=bad)
            for good, bad in (self.reputation.answers.counts(now), self.reputation.honesty.counts(now))
        )
        if max(answers.good, honesty.good) < PROVEN and not self.reputation.lied(now):
            return None
        round_trip, rate = self.link.round_trip, self.link.bytes_per_s
        ages = [recent.age(now) for recent in (round_trip, rate) if recent.value(now) is not None]
        return SavedPeer(
            peer=peer,
            age=max(ages, default=0.0),
            round_trip=round_trip.value(now),
            bytes_per_s=rate.value(now),
            answers=answers,
            honesty=honesty,
        )


def _tally(kind: Kind, saved: SavedTally, at: float) -> Tally:
    return Tally(kind, min(saved.good, kind.most_good), min(saved.bad, kind.most_bad), at)
