"""What is answered by a swarm and by something else in turn: machines drift."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from engine.bench.figures import Figure, figure
from engine.bench.limits import PRODUCTS
from engine.bench.prompts import of_length, story
from engine.bench.settings import Bench
from engine.bench.timing import Timing, check_same

Answers = Callable[[Sequence[int], int], Awaitable[Timing]]
"""To a prompt, so many new tokens."""

FIRST = 2  # tokens of an answer of which only the first one counts


@dataclass(frozen=True)
class Beside:
    """What is measured, and beside what."""

    scenario: str
    of: str
    answers: Answers
    is_same_model: bool = False  # to the last bit: its tokens must be the same


async def decoding(bench: Bench, beside: Beside, ours: Answers, name: str, limited: bool = True) -> Figure:
    """Tokens a second of one stream."""
    settings, prompt = bench.settings, story(bench.shell, 0)
    ratios, limits = [], []
    for _ in range(settings.rounds):
        theirs = await beside.answers(prompt, settings.tokens)
        own = await ours(prompt, settings.tokens)
        if beside.is_same_model:
            check_same(own.tokens, theirs.tokens)
        ratios.append(own.rate / theirs.rate)
        if limited:
            limits.append(1 / bench.products.token_seconds() / theirs.rate)
    name = f"{name}, tokens/s"
    return figure(beside.scenario, name, ratios, beside.of, limits, PRODUCTS if limited else "")


async def reading(
    bench: Bench, beside: Beside, ours: Answers, name: str, tokens: int, servers: int = 1
) -> Figure:
    """Seconds to the first token of a prompt of so many, through so many servers."""
    ratios, limits = [], []
    for number in range(bench.settings.rounds):
        prompt = of_length(bench.shell, tokens, number)
        theirs = (await beside.answers(prompt, FIRST)).first_token_seconds
        ratios.append((await ours(prompt, FIRST)).first_token_seconds / theirs)
        limits.append(bench.products.layers_seconds(tokens, 1) / servers / theirs)
    why = PRODUCTS if servers == 1 else f"{PRODUCTS}, shared"
    return figure(beside.scenario, f"{name}, seconds to the first token", ratios, beside.of, limits, why)


def through_servers(servers: int) -> str:
    return f"through {servers} {'server' if servers == 1 else 'servers'}"
