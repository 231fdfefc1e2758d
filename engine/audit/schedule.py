"""When to audit whom, and how far into a session: random, so that no server can tell, and within a budget.

Work is counted in layer-tokens: one token through one layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from engine.settings import AuditSettings

MIN_TOKENS = 16
REMEMBERED_PEERS = 4096  # whose audits are counted; of more the count begins anew


@dataclass
class Budget:
    """Audits are paid from a share of the work that was done; one may be done on credit at a time."""

    share: float
    work: float = 0.0  # layer-tokens
    spent: float = 0.0

    @property
    def balance(self) -> float:
        return self.share * self.work - self.spent

    @property
    def gives_credit(self) -> bool:
        """Whether something urgent may be done before it is earned."""
        return self.share > 0 and self.work > 0 and self.balance >= 0


@dataclass(frozen=True)
class Work:
    """What a hop has done in a session so far."""

    peer: str
    layers: int
    tokens: int  # that the peer answers for
    before: int = 0  # tokens of the session that another server answered for
    is_whole: bool = False  # nothing less than all tokens can be computed again

    def cost(self, tokens: int) -> int:
        """Layer-tokens of computing the session again, up to so many of the peer's own tokens."""
        return (self.before + tokens) * self.layers


@dataclass(frozen=True)
class Draw:
    """The next audit, before it is known whose session will have earned it: two numbers in [0, 1)."""

    which: float
    depth: float

    @classmethod
    def new(cls, random: Random) -> "Draw":
        return cls(random.random(), random.random())


def depth_of(draw: Draw, work: Work) -> int:
    """How many of the peer's leading tokens to compare: each doubling of a length is equally probable, since
    a server may lie from the first token on, or only deep inside of a chat.
    """
    if work.is_whole:
        return work.tokens
    tokens: float = MIN_TOKENS * (work.tokens / MIN_TOKENS) ** draw.depth
    return min(work.tokens, round(tokens))


def chosen(draw: Draw, done: Sequence[Work], passed: Mapping[str, int]) -> int | None:
    """Index of the hop that is audited next; one that has `passed` fewer audits is more probable.

    None if no hop has done enough to be judged.
    """
    weights = [_weight(work, passed.get(work.peer, 0)) for work in done]
    rest = draw.which * sum(weights)
    for index, weight in enumerate(weights):
        rest -= weight
        if weight and rest < 0:
            return index
    return None


def _weight(work: Work, passed: int) -> float:
    """Never so small that a good name is a licence."""
    return 0.0 if work.tokens < MIN_TOKENS else max(1 / (1 + passed), 0.1)


@dataclass
class Schedule:
    """Draws, budget, and how often each peer has passed."""

    settings: AuditSettings
    random: Random
    passed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.budget = Budget(self.settings.share)
        self._draw = Draw.new(self.random)

    def due(self, done: Sequence[Work]) -> tuple[int, int] | None:
        """Index of the hop and how many of its own tokens to compare, if that is earned.

        The draw stands until it is: were it drawn again, cheap audits would crowd out dear ones.
        """
        index = chosen(self._draw, done, self.passed)
        if index is None:
            return None
        tokens = depth_of(self._draw, done[index])
        return (index, tokens) if done[index].cost(tokens) <= self.budget.balance else None

    def note_begun(self) -> None:
        self._draw = Draw.new(self.random)

    def note_passed(self, peer: str) -> None:
        if peer not in self.passed and len(self.passed) >= REMEMBERED_PEERS:
            self.passed.clear()
        self.passed[peer] = self.passed.get(peer, 0) + 1
