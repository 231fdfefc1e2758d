"""Whether Potluck may give now: one pure function from rules, conditions and what was so before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.api.schema import Condition, Reason
from engine.manners.conditions import Conditions
from engine.manners.objections import Objection, not_told, objections
from engine.manners.rules import WhenRules

# Seconds for which nothing may have been objected to, before a rule is content again. Starting a block server
# anew costs its owner more than waiting does.
GRACE: Mapping[Reason, float] = MappingProxyType(
    {
        Reason.PAUSED_IN_USE: 5.0,
        Reason.PAUSED_APP_RUNNING: 10.0,
        Reason.PAUSED_FULL_SCREEN: 15.0,
        Reason.PAUSED_GPU_BUSY: 30.0,
        Reason.PAUSED_TOO_HOT: 30.0,
        Reason.PAUSED_ON_BATTERY: 10.0,
        Reason.PAUSED_METERED: 10.0,
        Reason.PAUSED_TRAFFIC_USED_UP: 5.0,
        Reason.PAUSED_DISK_LOW: 60.0,
        Reason.PAUSED_OUT_OF_SCHEDULE: 5.0,
    }
)


@dataclass(frozen=True)
class Held:
    """A rule that objects, or did a moment ago."""

    objection: Objection
    last: float  # when it did, by the conditions' clock

    def holds(self, now: float) -> bool:
        """A clock that went back says nothing of how long ago it was."""
        return self.last <= now < self.last + GRACE[self.objection.rule]


@dataclass(frozen=True)
class State:
    """What has to be known of before. The first one is empty."""

    held: Mapping[Reason, Held] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Verdict:
    state: State = State()
    objections: tuple[Objection, ...] = ()  # the most telling first
    not_told: tuple[str, ...] = ()  # sentences on what the rules ask and the computer does not tell

    @property
    def allowed(self) -> bool:
        return not self.objections

    @property
    def condition(self) -> Condition | None:
        """Why not."""
        return self.objections[0].condition if self.objections else None

    @property
    def soft(self) -> bool:
        """Whether those who are served now may be served to the end."""
        return all(objection.soft for objection in self.objections)


def judge(rules: WhenRules, now: Conditions, before: State) -> Verdict:
    """Each rule stops at once, and allows again only when its grace has passed. All of them have to allow."""
    objecting = {one.rule: one for one in reversed(objections(rules, now, before.held))}
    held = {rule: one for rule, one in before.held.items() if one.holds(now.at)}
    held |= {rule: Held(objection, now.at) for rule, objection in objecting.items()}
    telling = sorted(held, key=lambda rule: (rule not in objecting, list(GRACE).index(rule)))
    said = tuple(held[rule].objection for rule in telling)
    return Verdict(State(MappingProxyType(held)), said, not_told(rules, now))
