"""What owners ask about the rules by which Potluck gives, and what they are told. The rules are plain data.

GET  /potluck/v1/manners                      -> MannersStatus
POST /potluck/v1/manners/preview  PreviewOrder   -> Preview
"""

from engine.api.base import Schema
from engine.api.schema import Condition
from engine.api.sentences import Said
from engine.manners.rules import HowMuchRules, WhenRules, Window

__all__ = ["HowMuchRules", "Kept", "MannersStatus", "Preview", "PreviewOrder", "WhenRules", "Window"]


class PreviewOrder(Schema):
    """Tell what these rules would have meant."""

    when: WhenRules


class Kept(Schema):
    """For how long something kept it from giving, and what."""

    condition: Condition  # its sentence is as it was when this lasted longest
    seconds: float


class Preview(Schema):
    """What the rules would have meant in the time that was recorded, at most the last 24 hours."""

    recorded_seconds: float = 0.0  # while Potluck's engine ran; 0: nothing is known yet
    giving_seconds: float = 0.0
    kept: tuple[Kept, ...] = ()  # the longest first; together with the time of giving all that was recorded
    not_told: tuple[Said, ...] = ()  # what could not be told, one sentence for each


class MannersStatus(Schema):
    """What the rules say now, whether or not the owner wants to give."""

    when: WhenRules
    how_much: HowMuchRules
    allowed: bool
    condition: Condition | None = None  # why not
    not_told: tuple[Said, ...] = ()  # what cannot be told on this computer, one sentence for each
    programs: tuple[str, ...] = ()  # that run now, by the names that rules know them by
    traffic_bytes: int = 0  # up and down together, this month
