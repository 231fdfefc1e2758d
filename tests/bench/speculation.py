"""`python -m tests.bench.speculation [--tokens N] [--rounds N] [--delay SECONDS] [NAME…]`: what drafts gain.

Three servers, one thread each, behind lines with a delay: so long takes each way between the client and the
first server, between two servers, and from the last one back. Every answer is made with and without drafts,
in an order that alternates, and must have the same tokens; medians are printed. Draft models are the starter
model itself, its layers in int8 or nf4, or without some of its layers.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch
from torch import nn
from transformers import PreTrainedModel

from engine.bench.drafting import Drafting, NeverRight
from engine.bench.prompts import REWRITING, STORY, chat
from engine.bench.swarms import far_apart
from engine.emulation.lane import Conditions
from engine.generate.generation import Generation, open_session
from engine.generate.shell_models import ShellModel, load_shell
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.draft_models import load_draft_model
from engine.generate.speculation.drafts import Drafter
from engine.generate.speculation.experience import Experience
from engine.model.branching import Reader, masks_for_branches
from engine.model.stack import find_stack
from engine.private_swarm import PrivateSwarm
from engine.settings import Paths
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter
from engine.weights.store.layer_store import LayerStore


@dataclass(frozen=True)
class Answer:
    tokens: Sequence[int]
    seconds: float  # after the first token
    trips: int  # after the prompt's
    drafted: int
    accepted: int
    draft_seconds: float  # of a drafted token


@dataclass(frozen=True)
class Scenario:
    question: str
    drafter: Callable[[ShellModel], Drafter] | None = None
    reader: Callable[[Manifest, LayerStore], PreTrainedModel] | None = None


def without_layers(manifest: Manifest, store: LayerStore, count: int) -> PreTrainedModel:
    """A cut-down model: those layers are gone that it misses least, as was tried out one by one."""
    model = load_draft_model(manifest, store, "int8")
    stack = find_stack(model)
    kept = [layer for index, layer in enumerate(stack.layers) if index not in LEAST_MISSED[:count]]
    setattr(stack.owner, stack.attribute, nn.ModuleList(kept))
    for index, layer in enumerate(kept):
        layer.self_attn.layer_idx = index
    model.config.num_hidden_layers = len(kept)
    return model


LEAST_MISSED = (4, 5, 25, 17, 26, 6, 3, 14)
SCENARIOS = {
    "rewriting, prompt lookup": Scenario(REWRITING),
    "story, prompt lookup": Scenario(STORY),
    "story, itself in int8": Scenario(STORY, reader=partial(load_draft_model, precision="int8")),
    "story, itself in nf4": Scenario(STORY, reader=partial(load_draft_model, precision="nf4")),
    "story, itself without 4 of its 30 layers": Scenario(STORY, reader=partial(without_layers, count=4)),
    "story, nothing right": Scenario(STORY, lambda shell: NeverRight(shell.tokenizer.vocab_size - 1)),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speculation", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; all by default")
    parser.add_argument("--tokens", type=int, default=96, help="new tokens of each answer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds, one way")
    parser.add_argument("--mbit", type=float, default=100.0, help="megabits per second of each line")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = LayerStore(Paths.from_environment().layer_store)
    shell = load_shell(import_starter(store), store)
    print(json.dumps(asyncio.run(_measure(store, shell, args)), indent=2))


async def _measure(store: LayerStore, shell: ShellModel, args: argparse.Namespace) -> dict[str, object]:
    line = Conditions(delay_seconds=args.delay, bytes_per_s=args.mbit * 1e6 / 8)
    async with far_apart(store, shell.manifest, 3, line) as swarm:
        await _answer(swarm, shell, STORY, 8)  # warms up
        chosen = {name: SCENARIOS[name] for name in args.names or SCENARIOS}
        return {name: await _compare(swarm, shell, scenario, args) for name, scenario in chosen.items()}


async def _compare(
    swarm: PrivateSwarm, shell: ShellModel, scenario: Scenario, args: argparse.Namespace
) -> dict[str, object]:
    reader = None
    if scenario.reader is not None:
        model = scenario.reader(shell.manifest, swarm.store)
        reader = Reader(model, masks_for_branches(model))
    drafter = scenario.drafter(shell) if scenario.drafter else None
    pairs: list[tuple[Answer, Answer]] = []
    for round in range(args.rounds):
        made: dict[bool, Answer] = {}
        for with_drafts in (False, True) if round % 2 else (True, False):
            drafting = Drafting(drafter, reader) if with_drafts else None
            made[with_drafts] = await _answer(swarm, shell, scenario.question, args.tokens, drafting)
        pairs.append((made[False], made[True]))
        if made[True].tokens != made[False].tokens:
            raise SystemExit(f"drafts have changed the answer to: {scenario.question}")
    gains = [plain.seconds / drafted.seconds for plain, drafted in pairs]
    return {
        "tokens/s, of those without drafts": round_to(median(gains)),
        "in each round": [round_to(gain) for gain in gains],
        "trips per token": round_to(median(d.trips / (len(d.tokens) - 1) for _, d in pairs)),
        "drafted and accepted": [(d.drafted, d.accepted) for _, d in pairs],
        "seconds per token without drafts": round_to(
            median(p.seconds / (len(p.tokens) - 1) for p, _ in pairs)
        ),
        "seconds of a drafted token": round_to(median(d.draft_seconds for _, d in pairs)),
        "tokens": len(pairs[0][0].tokens),
    }


def round_to(value: float) -> float:
    return float(f"{value:.3g}")


async def _answer(
    swarm: PrivateSwarm, shell: ShellModel, question: str, tokens: int, drafting: Drafting | None = None
) -> Answer:
    prompt = chat(shell, question)
    session = open_session(swarm.node, swarm.directory, shell.manifest)
    reader = drafting and drafting.reader
    came: list[tuple[int, float, int]] = []
    with ThreadPoolExecutor(1) as beside:
        model = None if reader is None else DraftModel(lambda: reader, prompt, beside)
        generation = Generation(
            shell,
            session,
            prompt,
            max_new_tokens=tokens,
            experience=Experience() if drafting else None,
            drafter=drafting and drafting.drafter,
            draft_model=model,
        )
        try:
            async with aclosing(generation.tokens()) as stream:
                async for token in stream:
                    came.append((token, time.monotonic(), session.trips))
        finally:
            session.close()
            if model is not None:
                model.end()
    ids, times, trips = zip(*came, strict=True)
    return Answer(
        ids,
        times[-1] - times[0],
        trips[-1] - trips[0],
        generation.drafted,
        generation.accepted,
        model.seconds if model else 0.0,
    )


if __name__ == "__main__":
    main()
