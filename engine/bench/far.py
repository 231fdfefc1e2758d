"""Chats over lines with a delay: with and without drafts."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from statistics import median

from engine.bench.compare import FIRST
from engine.bench.drafting import Drafting, NeverRight, coarse_reader
from engine.bench.figures import Figure, Point, figure
from engine.bench.prompts import REWRITING, chat, of_length, story
from engine.bench.settings import Bench
from engine.bench.swarms import far_apart
from engine.bench.timing import Timing, check_same, locally, through_swarm
from engine.emulation.lane import Conditions
from engine.private_swarm import PrivateSwarm

SCENARIO = "Far links"
MOST_ROUNDS = 2  # nearly all of their time is waiting, which is alike in all of them
LINES_AND_PRODUCTS = "the sum of the lines' delays, and bare matrix products"
LINES_AND_SENDING = "delays, and the longer of bytes over bandwidth and bare matrix products, shared"


@dataclass(frozen=True)
class Link:
    """What lies between neighbours, and between a chat and its first and last server."""

    round_trip: float  # seconds
    bits_per_s: float
    servers: int

    @property
    def name(self) -> str:
        return f"{self.round_trip * 1000:.0f} ms, {self.rate}"

    @property
    def rate(self) -> str:
        return f"{self.bits_per_s / 1e6:,.0f} Mbit/s"

    @property
    def delays(self) -> float:
        """Seconds on the way through all servers and back."""
        return (self.servers + 1) * self.round_trip / 2

    @property
    def conditions(self) -> Conditions:
        return Conditions(delay_seconds=self.round_trip / 2, bytes_per_s=self.bits_per_s / 8)


@dataclass(frozen=True)
class Manner:
    """How a chat is answered."""

    name: str
    prompt: Sequence[int]
    drafting: Drafting | None = None
    without: "Manner | None" = None  # the same without drafts


async def far_links(bench: Bench) -> AsyncIterator[Figure]:
    """What is left of the local model's rate over lines with a delay, and what drafts gain there."""
    settings = bench.settings
    manners = _manners(bench)
    for bits in settings.rates:
        for round_trip in settings.round_trips:
            link = Link(round_trip, bits, bench.most_servers)
            async with far_apart(bench.store, bench.shell.manifest, link.servers, link.conditions) as swarm:
                await through_swarm(swarm, bench.shell, story(bench.shell, 0), 8)
                for one in await _decoding(bench, swarm, link, manners):
                    yield one
                yield await _prompt(bench, swarm, link)


def _manners(bench: Bench) -> Sequence[Manner]:
    """The first is that without anything."""
    shell = bench.shell
    plain = Manner("plain", story(shell, 0))
    rewriting = Manner("plain, rewriting", chat(shell, REWRITING))
    model = Drafting(reader=coarse_reader(shell.manifest, bench.store))
    never = Drafting(drafter=NeverRight(shell.tokenizer.vocab_size - 1))
    return (
        plain,
        rewriting,
        Manner("prompt lookup, rewriting", rewriting.prompt, Drafting(), rewriting),
        Manner("draft model", plain.prompt, model, plain),
        Manner("never right", plain.prompt, never, plain),
    )


async def _decoding(
    bench: Bench, swarm: PrivateSwarm, link: Link, manners: Sequence[Manner]
) -> Sequence[Figure]:
    plain, tokens = manners[0], bench.settings.tokens
    alone: list[Timing] = []
    made: dict[str, list[Timing]] = {manner.name: [] for manner in manners}
    for number in range(min(MOST_ROUNDS, bench.settings.rounds)):
        alone.append(await locally(bench.local, plain.prompt, tokens))
        for manner in manners if number % 2 == 0 else reversed(manners):
            answer = await through_swarm(swarm, bench.shell, manner.prompt, tokens, manner.drafting)
            made[manner.name].append(answer)
    limit = 1 / (link.delays + bench.products.token_seconds())
    drafted = [(manner, manner.without) for manner in manners if manner.without]
    return [
        _of_local(link, made[plain.name], alone, limit),
        *(_of_plain(link, manner, made[manner.name], made[without.name]) for manner, without in drafted),
    ]


def _of_local(link: Link, plain: Sequence[Timing], alone: Sequence[Timing], limit: float) -> Figure:
    ratios = [ours.rate / theirs.rate for ours, theirs in zip(plain, alone, strict=True)]
    for ours, theirs in zip(plain, alone, strict=True):
        check_same(ours.tokens, theirs.tokens)
    limits = [limit / theirs.rate for theirs in alone]
    return figure(
        *(SCENARIO, f"{link.name}, plain: tokens/s", ratios, "of local generate()"),
        *(limits, LINES_AND_PRODUCTS),
        points=_points(link, "plain", plain),
    )


def _of_plain(link: Link, manner: Manner, drafted: Sequence[Timing], plain: Sequence[Timing]) -> Figure:
    for ours, theirs in zip(drafted, plain, strict=True):
        check_same(ours.tokens, theirs.tokens)
    ratios = [ours.rate / theirs.rate for ours, theirs in zip(drafted, plain, strict=True)]
    name = f"{link.name}, {manner.name}: tokens/s"
    return figure(
        SCENARIO, name, ratios, "of those without drafts", points=_points(link, manner.name, drafted)
    )


def _points(link: Link, line: str, answers: Sequence[Timing]) -> tuple[Point, ...]:
    """Medians."""
    rate = median(answer.rate for answer in answers)
    trips = median(answer.trips_per_token for answer in answers)
    return (
        Point(f"Tokens a second over lines of {link.rate}", line, link.round_trip, rate),
        Point(f"Trips for a token over lines of {link.rate}", line, link.round_trip, trips),
    )


async def _prompt(bench: Bench, swarm: PrivateSwarm, link: Link) -> Figure:
    """Its first line carries what the client sends, however that is encoded."""
    ratios, limits = [], []
    tokens = sorted(bench.prompts)[len(bench.prompts) // 2]
    for number in range(min(MOST_ROUNDS, bench.settings.rounds)):
        prompt = of_length(bench.shell, tokens, number)
        theirs = (await locally(bench.local, prompt, FIRST)).first_token_seconds
        before = swarm.node.traffic.sent
        ours = (await through_swarm(swarm, bench.shell, prompt, FIRST)).first_token_seconds
        sending = (swarm.node.traffic.sent - before) * 8 / link.bits_per_s
        products = bench.products.layers_seconds(tokens, 1) / bench.most_servers
        ratios.append(ours / theirs)
        limits.append((link.delays + max(sending, products)) / theirs)
    what = f"{link.name}, a prompt of {tokens:,} tokens: seconds to the first token"
    return figure(SCENARIO, what, ratios, "of local generate()", limits, LINES_AND_SENDING)
