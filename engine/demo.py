"""`potluck-engine demo`: a private swarm on this computer answers; the plain local model checks it."""

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field

import torch

from engine.api.openai_schema import ChatMessage
from engine.api.schema import HopReport
from engine.errors import BadRequest, PotluckError
from engine.generate.generation import Generation, open_session
from engine.generate.prompt import prompt_ids
from engine.generate.shell_models import ShellModel, load_shell
from engine.generate.text import TextDecoder
from engine.private_swarm import PrivateSwarm, even_spans
from engine.settings import Paths
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.starter import import_starter, starter_manifest
from engine.weights.store.layer_store import LayerStore


@dataclass
class Run:
    """One greedy answer through the swarm. Times are of the monotonic clock."""

    prompt: list[int]
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    started: float = field(default_factory=time.monotonic)
    first_token: float = 0.0
    last_token: float = 0.0
    trips: int = 0
    spans: tuple[HopReport, ...] = ()

    def take(self, token: int, text: str) -> None:
        self.last_token = time.monotonic()
        if not self.tokens:
            self.first_token = self.last_token
        self.tokens.append(token)
        self.text += text

    @property
    def tokens_per_s(self) -> float:
        """Of the tokens after the first."""
        seconds = self.last_token - self.first_token
        return (len(self.tokens) - 1) / seconds if seconds > 0 else 0.0


@dataclass(frozen=True)
class Summary:
    """What the demo found out."""

    model: str
    tokens: int
    tokens_per_s: float
    seconds_to_first_token: float
    trips: int
    spans: tuple[HopReport, ...]
    text: str
    matches_local: bool

    def as_json(self) -> str:
        spans = [hop.model_dump() for hop in self.spans]
        return json.dumps(asdict(self) | {"spans": spans}, ensure_ascii=False)

    def as_text(self) -> str:
        spans = "\n".join(map(_span_text, self.spans))
        verdict = "equal" if self.matches_local else "DIFFER FROM"
        return (
            f"\n{self.tokens} tokens of {self.model}, {self.tokens_per_s:.1f} tokens/s, "
            f"first after {self.seconds_to_first_token:.2f} s, {self.trips} trips through the chain:\n"
            f"{spans}\nThe tokens {verdict} the plain local model's."
        )


def _span_text(hop: HopReport) -> str:
    kept = f" in {hop.precision_words}" if hop.precisions else ""
    return f"  layers {hop.start + 1}–{hop.end}{kept}: {hop.steps} steps, {hop.seconds:.2f} s on {hop.peer}"


def main(args: argparse.Namespace) -> int:
    """Exit status 0 only if the swarm's tokens equal the local model's."""
    try:
        summary = asyncio.run(_demo(args))
    except PotluckError as error:
        print(f"potluck-engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped: every process of the demo has ended.", file=sys.stderr)
        return 130
    print(summary.as_json() if args.json else summary.as_text())
    return 0 if summary.matches_local else 1


async def _demo(args: argparse.Namespace) -> Summary:
    store = LayerStore(Paths.from_environment().layer_store)
    manifest = await asyncio.to_thread(_find_model, store, args.model)
    if not 1 <= args.servers <= manifest.n_layers:
        raise BadRequest(f"--servers takes 1 to {manifest.n_layers} for {manifest.name}.")
    async with PrivateSwarm.open(store, manifest) as swarm:
        _say(f"Starting {args.servers} block servers for {manifest.name} …")
        shell, _ = await asyncio.gather(
            asyncio.to_thread(load_shell, manifest, store),
            swarm.add_all(even_spans(manifest.n_layers, args.servers), threads_per_server(args.servers)),
        )
        run = await _answer(swarm, shell, args)
    _say("Comparing with the plain local model …")
    matches = await asyncio.to_thread(local_tokens, store, shell, run.prompt, len(run.tokens)) == run.tokens
    return Summary(
        manifest.name,
        len(run.tokens),
        run.tokens_per_s,
        run.first_token - run.started,
        run.trips,
        run.spans,
        run.text,
        matches,
    )


def threads_per_server(servers: int) -> int:
    """The cores shared out; threads beyond the cores only wait for each other."""
    return max(1, (os.cpu_count() or 1) // servers)


def _find_model(store: LayerStore, name: str | None) -> Manifest:
    if name is not None:
        return store.find(name)
    ready = starter_manifest(store)
    if ready is not None:
        return ready
    _say("Preparing the starter model; this happens once …")
    return import_starter(store)


async def _answer(swarm: PrivateSwarm, shell: ShellModel, args: argparse.Namespace) -> Run:
    messages = [ChatMessage(role="user", content=args.prompt)]
    run = Run(prompt_ids(shell.tokenizer, messages, shell.manifest.context))
    session = open_session(swarm.node, swarm.directory, shell.manifest)
    room = shell.manifest.context - len(run.prompt)
    generation = Generation(shell, session, run.prompt, max_new_tokens=min(args.max_tokens, room))
    decoder = TextDecoder(lambda ids: shell.tokenizer.decode(ids, skip_special_tokens=True))
    try:
        async with aclosing(generation.tokens()) as tokens:
            async for token in tokens:
                text = decoder.push(token)
                run.take(token, text)
                if not args.json:
                    print(text, end="", flush=True)
        run.text += decoder.rest()
        run.trips = session.trips
        run.spans = tuple(session.report())
    finally:
        session.close()
    return run


@torch.inference_mode()
def local_tokens(store: LayerStore, shell: ShellModel, prompt: list[int], count: int) -> list[int]:
    """`count` greedy tokens of the plain model, made by transformers alone."""
    model = load_whole(shell.manifest, store)
    ids = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=count,
        do_sample=False,
        eos_token_id=sorted(shell.stop_tokens) or None,
    )
    return ids[0, len(prompt) :].tolist()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
