"""One run of `generate()` in a thread of its own, through a swarm session that lives in the event loop."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from engine.daemon_thread import in_daemon_thread
from engine.errors import Stopped
from engine.generate.known_start import KnownStart
from engine.generate.session_walk import SessionWalk
from engine.generate.shell_models import ShellModel
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.drafts import Drafter
from engine.generate.speculation.experience import Experience
from engine.generate.speculation.look_ahead import Branching, LookAhead
from engine.generate.speculation.prompt_lookup import PromptLookup
from engine.model.shell import cache_argument
from engine.model.swarm_cache import SwarmCache
from engine.model.token_states import TokenStates
from engine.peers.book import PeerBook
from engine.route.hop import Dialler
from engine.route.opening import SwarmModel
from engine.route.session import Audit, SwarmSession
from engine.route.settings import SessionSettings
from engine.weights.manifest import Manifest
from engine.wire.records import SpanRecord


class Watch(Protocol):
    async def look_up(self) -> Sequence[SpanRecord]: ...

    def close(self) -> None: ...


class Spans(Protocol):
    """The part of the swarm's directory that sessions need."""

    async def spans(self, model: str) -> Sequence[SpanRecord]: ...

    def watch(self, model: str) -> Watch: ...


def open_session(
    node: Dialler,
    directory: Spans,
    manifest: Manifest,
    settings: SessionSettings | None = None,
    book: PeerBook | None = None,
    audit: Audit | None = None,
) -> SwarmSession:
    """A session for the manifest's model; it dials servers at its first step, and is to be closed. `book` is
    what all sessions of this computer know of other peers.
    """
    model = SwarmModel(manifest.digest, manifest.name, manifest.n_layers, causal=manifest.kind != "encoder")
    watch = directory.watch(manifest.digest)
    return SwarmSession(
        node, watch.look_up, model, settings or SessionSettings(), book or PeerBook(), watch.close, audit
    )


class Generation:
    """Iterate over it for token ids. Leaving the iteration early stops the run at once."""

    def __init__(
        self,
        shell: ShellModel,
        session: SwarmSession,
        prompt: Sequence[int],
        *,
        max_new_tokens: int,
        held: int = 0,
        choice: LogitsProcessorList | None = None,
        pictures: Mapping[str, Tensor] | None = None,
        experience: Experience | None = None,
        drafter: Drafter | None = None,
        draft_model: DraftModel | None = None,
    ) -> None:
        """`held` leading prompt tokens are with the session already. No `choice`: greedy. `pictures` are what
        the model's processor has made of those in the prompt. `experience` is the session's with drafts;
        None: each token takes a trip of its own. No `drafter`: prompt lookup. `draft_model` drafts
        where that finds nothing.
        """
        self._model = shell.for_one_answer()
        self._stop_tokens = sorted(shell.stop_tokens)
        self._prompt = prompt
        self._pictures = pictures or {}
        self._max_new_tokens = max_new_tokens
        self._choice = choice
        self._loop = asyncio.get_running_loop()
        self._tokens: asyncio.Queue[int | None] = asyncio.Queue()
        self._walk = SessionWalk(session)
        self._start = KnownStart(self._walk, held) if shell.sees else None
        self._held = held
        drafter = drafter or PromptLookup(prompt)
        self._ahead = (
            None if experience is None else self._look_ahead(shell, session, experience, drafter, draft_model)
        )
        walk = self._ahead or self._start or self._walk
        self.cache = SwarmCache(walk, 0 if shell.sees else held)

    def _look_ahead(
        self,
        shell: ShellModel,
        session: SwarmSession,
        experience: Experience,
        drafter: Drafter,
        slow: DraftModel | None,
    ) -> LookAhead | None:
        if shell.token_states is None:
            return None
        return LookAhead(
            self._start or self._walk,
            self._walk.begin,
            shell.token_states,
            drafter,
            experience,
            self._max_new_tokens,
            lambda: session.replayed_spans,
            slow,
            self._branching(shell.token_states, session),
        )

    def _branching(self, states: TokenStates, session: SwarmSession) -> Branching:
        context = getattr(states.config, "max_position_embeddings", 0)
        return Branching(
            states.at, states.config, lambda: session.takes_branches, lambda: min(session.room, context)
        )

    @property
    def held(self) -> int:
        """Positions that the session holds for a next turn."""
        return self.cache.length if self._ahead is None else self._ahead.held(self.cache.length)

    @property
    def drafted(self) -> int:
        """Tokens that were sent before they were chosen."""
        return 0 if self._ahead is None else self._ahead.drafted

    @property
    def accepted(self) -> int:
        """Of these, how many were chosen then."""
        return 0 if self._ahead is None else self._ahead.accepted

    @property
    def reused(self) -> int:
        """Leading prompt tokens that were not sent; known when the first token has come."""
        return self._held if self._start is None else self._start.left_out

    async def tokens(self) -> AsyncGenerator[int, None]:
        """The new token ids, one by one. Raises what the swarm raised."""
        run = in_daemon_thread(self._generate_or_stop, "generate")
        run.add_done_callback(lambda _: self._tokens.put_nowait(None))
        try:
            while (token := await self._tokens.get()) is not None:
                yield token
            await run
        finally:
            await self._end(run)

    async def _end(self, run: "asyncio.Future[None]") -> None:
        """Stop the thread. A step that is under way ends by itself; the session's next one waits for it."""
        self._walk.stop()
        await asyncio.wait({run})
        run.exception()  # nobody else asks for it when the iteration was left early

    # --- in the thread
    # ------------------------------------------------------------------------------------------

    def _generate_or_stop(self) -> None:
        with contextlib.suppress(Stopped):
            self._generate()

    @torch.inference_mode()
    def _generate(self) -> None:
        config = GenerationConfig(
            max_new_tokens=self._max_new_tokens,
            do_sample=False,
            use_cache=True,
            eos_token_id=self._stop_tokens or None,
            pad_token_id=self._stop_tokens[0] if self._stop_tokens else 0,
        )
        self._model.generate(
            torch.tensor([list(self._prompt)]),
            generation_config=config,
            **{cache_argument(self._model): self.cache},
            **self._pictures,
            logits_processor=self._choice or LogitsProcessorList(),
            stopping_criteria=StoppingCriteriaList([_AskedToStop(self._walk)]),
            streamer=_Streamer(self._take),
        )

    def _take(self, token: int) -> None:
        """Before the next one is asked for."""
        if self._ahead is not None:
            self._ahead.saw(token)
        self._loop.call_soon_threadsafe(self._tokens.put_nowait, token)


class _AskedToStop(StoppingCriteria):
    def __init__(self, walk: SessionWalk) -> None:
        self._walk = walk

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: object) -> Tensor:
        return torch.full((input_ids.shape[0],), self._walk.is_stopped, device=input_ids.device)


class _Streamer(BaseStreamer):
    """Hands new tokens on; the first call brings the prompt."""

    def __init__(self, take: Callable[[int], None]) -> None:
        self._take = take
        self._is_prompt = True

    def put(self, value: Tensor) -> None:
        if self._is_prompt:
            self._is_prompt = False
            return
        for token in value.flatten().tolist():
            self._take(token)

    def end(self) -> None:
        """The run's own end tells."""
