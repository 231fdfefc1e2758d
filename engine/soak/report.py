"""What a soak found out: faults in sentences, and figures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from engine.soak.processes import Use
from engine.soak.tally import Tally, median

MEBIBYTE = 1 << 20
# From the first measurement, which faults and chats of all kinds have preceded, to the last one.
MEMORY_GROWTH = 48 * MEBIBYTE  # of a process: what its allocator may keep by chance
MEMORY_GROWTH_PER_MINUTE = 1 * MEBIBYTE
FILE_GROWTH = 6  # open files, by how many connections happen to be open
TASK_GROWTH = 4


@dataclass(frozen=True)
class Growth:
    """One process, early and late, both times with nobody using it."""

    name: str
    early: Use
    late: Use
    minutes: float
    reserved: int = 0  # bytes that it may come to use for the first time: a cache's

    def leaks(self) -> list[str]:
        memory = self.late.memory - self.early.memory
        allowed = self.reserved + MEMORY_GROWTH + self.minutes * MEMORY_GROWTH_PER_MINUTE
        grown = [
            (memory > allowed, f"{memory / MEBIBYTE:.0f} MiB of memory"),
            (self.late.files - self.early.files > FILE_GROWTH, f"{self.late.files - self.early.files} files"),
            (self.late.tasks - self.early.tasks > TASK_GROWTH, f"{self.late.tasks - self.early.tasks} tasks"),
        ]
        leaks = [f"{self.name}: {what} more than in the beginning" for is_leak, what in grown if is_leak]
        if self.late.cache:
            leaks.append(f"{self.name}: {self.late.cache / MEBIBYTE:.1f} MiB of cache for ended sessions")
        return leaks


@dataclass(frozen=True)
class Recovery:
    """Seconds from a kill to the next token of an answer that lost a server by it, all others being well."""

    answers: int
    median: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Recovery":
        return cls(len(seconds), median(seconds), max(seconds, default=0.0))


@dataclass(frozen=True)
class SoakReport:
    model: str
    seed: int
    minutes: float
    servers: int
    chats: int
    tally: Tally
    growth: Sequence[Growth]
    recovery: Recovery
    left: Sequence[str]  # processes, folders and tasks at the end

    @property
    def is_clean(self) -> bool:
        """No wrong token, no lost reply, nothing leaked, nothing left, and answers that prove it."""
        return self.tally.right > 0 and not any(self.faults.values())

    @property
    def faults(self) -> Mapping[str, Sequence[str]]:
        return {
            "wrong answers": self.tally.wrong,
            "lost replies": self.tally.lost,
            "servers that failed by themselves": self.tally.crashes,
            "errors in the log": self.tally.complaints,
            "leaks": [leak for growth in self.growth for leak in growth.leaks()],
            "left at the end": self.left,
        }

    def as_json(self) -> str:
        figures = {
            "is_clean": self.is_clean,
            "model": self.model,
            "seed": self.seed,
            "minutes": self.minutes,
            "servers": self.servers,
            "chats": self.chats,
            "events": self.tally.events,
            "right": self.tally.right,
            "cancelled": self.tally.cancelled,
            "pieces": self.tally.pieces,
            "replaced_spans": self.tally.replaced_spans,
            "errors_without_chain": self.tally.without_chain,
            "recovery_seconds": asdict(self.recovery),
            "growth": [asdict(growth) for growth in self.growth],
        }
        return json.dumps(figures | {"faults": self.faults}, ensure_ascii=False)

    def as_text(self) -> str:
        recovery, tally = self.recovery, self.tally
        events = ", ".join(f"{count} × {kind}" for kind, count in sorted(tally.events.items()))
        lines = [
            f"{self.minutes:g} min of {self.model}: {self.servers} servers, {self.chats} chats at once, "
            f"seed {self.seed}",
            f"events: {events or 'none'}",
            f"answers: {tally.right} right, {tally.cancelled} cancelled and right so far, "
            f"{tally.pieces} pieces; {tally.replaced_spans} times a server was replaced",
            f"errors while no chain existed: {len(tally.without_chain)}",
            f"next token after a kill: median {recovery.median:.2f} s, worst {recovery.worst:.2f} s, "
            f"of {recovery.answers} answers",
            *(_growth_in_words(growth) for growth in self.growth),
        ]
        for name, sentences in self.faults.items():
            lines += [f"{name}: {len(sentences)}", *(f"  {sentence}" for sentence in sentences)]
        return "\n".join([*lines, "CLEAN" if self.is_clean else "NOT CLEAN"])


def _growth_in_words(growth: Growth) -> str:
    early, late = growth.early, growth.late
    return (
        f"{growth.name}: {early.memory / MEBIBYTE:.0f} → {late.memory / MEBIBYTE:.0f} MiB, "
        f"{early.files} → {late.files} files"
        + (f", {early.tasks} → {late.tasks} tasks" if early.tasks else "")
    )
