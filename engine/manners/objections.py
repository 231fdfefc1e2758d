"""What speaks against giving now, by each of the owner's rules alone. Pure."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from engine.api.schema import Condition, Reason
from engine.api.sentences import said
from engine.manners.conditions import Card, Conditions, program_key
from engine.manners.rules import WhenRules
from engine.manners.schedule import clock_time, lies_in, next_start

COOLED_BY = 6.0  # °C below the limit, before a card that was too hot computes again
FREED_BY = 0.1  # of the limit, beyond it, before a disk that was too full is written to again

SOFT = frozenset(
    {Reason.PAUSED_OUT_OF_SCHEDULE, Reason.PAUSED_DISK_LOW}
)  # who is served is served to the end


@dataclass(frozen=True)
class Objection:
    """`rule`: the reason by which it is known, though it may be told by another one."""

    rule: Reason
    condition: Condition

    @property
    def soft(self) -> bool:
        return self.rule in SOFT


def objections(rules: WhenRules, now: Conditions, held: Collection[Reason] = ()) -> tuple[Objection, ...]:
    """The most telling first. `held`: rules that have objected until now, and ask for more to be content."""
    told = (check(rules, now, held) for check in _CHECKS)
    doubted = _doubts(rules, now)
    return (*(one for one in told if one is not None), *doubted)


def not_told(rules: WhenRules, now: Conditions) -> tuple[str, ...]:
    """What the rules ask and this computer does not tell, as sentences."""
    return tuple(sentence for _, sentence in _unknown(rules, now))


def _doubts(rules: WhenRules, now: Conditions) -> Iterator[Objection]:
    for rule, sentence in _unknown(rules, now):
        if rules.only_if_certain or rule is Reason.PAUSED_IN_USE:
            yield _objection(Reason.PAUSED_UNCERTAIN, told_of=rule, detail=sentence)


def _unknown(rules: WhenRules, now: Conditions) -> Iterator[tuple[Reason, str]]:
    asked: tuple[tuple[Reason, object, object, str], ...] = (
        (
            Reason.PAUSED_IN_USE,
            rules.idle_seconds,
            now.idle_seconds,
            said("Potluck cannot see whether somebody uses this computer."),
        ),
        (
            Reason.PAUSED_APP_RUNNING,
            rules.apps,
            now.programs,
            said("Potluck cannot see which programs run."),
        ),
        (
            Reason.PAUSED_FULL_SCREEN,
            not rules.full_screen,
            now.full_screen,
            said("Potluck cannot see whether an application fills the screen."),
        ),
        (
            Reason.PAUSED_ON_BATTERY,
            not rules.on_battery,
            now.on_battery,
            said("Potluck cannot see whether it runs on battery."),
        ),
        (
            Reason.PAUSED_METERED,
            not rules.metered,
            now.metered,
            said("Potluck cannot see whether the connection is metered."),
        ),
        (
            Reason.PAUSED_TRAFFIC_USED_UP,
            rules.monthly_bytes,
            now.traffic_bytes,
            said("Potluck cannot see this month's traffic."),
        ),
        (
            Reason.PAUSED_DISK_LOW,
            rules.free_disk_bytes,
            now.free_disk_bytes,
            said("Potluck cannot see how much of the disk is free."),
        ),
        *(about for card in now.cards for about in _of_card(rules, card)),
    )
    for rule, asks, told, sentence in asked:
        if asks not in (None, False, frozenset()) and told is None:
            yield rule, sentence


def _of_card(rules: WhenRules, card: Card) -> Iterator[tuple[Reason, object, object, str]]:
    load, heat = rules.other_gpu_load, rules.max_celsius
    unseen_load = said("Potluck cannot see whether other programs use {card}.", card=card.name)
    yield Reason.PAUSED_GPU_BUSY, load, card.other_load, unseen_load
    yield (
        Reason.PAUSED_TOO_HOT,
        heat,
        card.celsius,
        said("Potluck cannot see how hot {card} is.", card=card.name),
    )


# --- one check for each rule: None if it has nothing to object, or cannot tell


def _in_use(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    if rules.idle_seconds is None or now.idle_seconds is None or now.idle_seconds >= rules.idle_seconds:
        return None
    return _objection(Reason.PAUSED_IN_USE)


def _app_running(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    running = _running(rules.apps, now.programs or ())
    return _objection(Reason.PAUSED_APP_RUNNING, app=running[0]) if running else None


def _running(apps: Collection[str], programs: Collection[str]) -> list[str]:
    known = {program_key(name) for name in programs}
    return sorted(app for app in apps if program_key(app) in known)


def _full_screen(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    return _objection(Reason.PAUSED_FULL_SCREEN) if now.full_screen and not rules.full_screen else None


def _gpu_busy(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    if rules.other_gpu_load is None:
        return None
    busy = [card.name for card in now.cards if (card.other_load or 0.0) > rules.other_gpu_load]
    return _objection(Reason.PAUSED_GPU_BUSY, card=busy[0]) if busy else None


def _too_hot(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    if rules.max_celsius is None:
        return None
    limit = rules.max_celsius - (COOLED_BY if Reason.PAUSED_TOO_HOT in held else 0.0)
    hot = [card for card in now.cards if card.celsius is not None and card.celsius > limit]
    if not hot:
        return None
    return _objection(Reason.PAUSED_TOO_HOT, card=hot[0].name, celsius=round(hot[0].celsius or 0.0))


def _on_battery(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    return _objection(Reason.PAUSED_ON_BATTERY) if now.on_battery and not rules.on_battery else None


def _metered(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    return _objection(Reason.PAUSED_METERED) if now.metered and not rules.metered else None


def _traffic_used_up(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    limit = rules.monthly_bytes
    if limit is None or (now.traffic_bytes or 0) < limit:
        return None
    return _objection(Reason.PAUSED_TRAFFIC_USED_UP, limit=limit)


def _disk_low(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    limit = rules.free_disk_bytes
    wanted = limit * (1 + FREED_BY) if Reason.PAUSED_DISK_LOW in held else limit
    if now.free_disk_bytes is None or now.free_disk_bytes >= wanted:
        return None
    return _objection(Reason.PAUSED_DISK_LOW, limit=limit)


def _out_of_schedule(rules: WhenRules, now: Conditions, held: Collection[Reason]) -> Objection | None:
    if not rules.schedule or lies_in(rules.schedule, now.local):
        return None
    until = clock_time(next_start(rules.schedule, now.local), now.local)
    return _objection(Reason.PAUSED_OUT_OF_SCHEDULE, until=until)


_Check = Callable[[WhenRules, Conditions, Collection[Reason]], Objection | None]
_CHECKS: tuple[_Check, ...] = (
    _app_running,
    _full_screen,
    _gpu_busy,
    _in_use,
    _too_hot,
    _on_battery,
    _metered,
    _traffic_used_up,
    _disk_low,
    _out_of_schedule,
)


def _objection(reason: Reason, told_of: Reason | None = None, **values: str | int) -> Objection:
    return Objection(told_of or reason, Condition(reason=reason, values=values))
