"""One run of `generate()` in a thread of its own, through a swarm session that lives in the event loop."""

import asyncio
import concurrent.futures
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from engine.daemon_thread import in_daemon_thread
from engine.errors import Stopped
from engine.generate.shell_models import ShellModel
from engine.model.extras import StepExtras
from engine.model.shell import cache_argument
from engine.model.swarm_cache import SwarmCache
from engine.route.hop import Dialler
from engine.route.session import SessionSettings, SwarmModel, SwarmSession
from engine.weights.manifest import Manifest
from engine.wire.records import SpanRecord


class Spans(Protocol):
    """The part of the swarm's directory that a session needs."""

    async def spans(self, model: str) -> Sequence[SpanRecord]: ...


def open_session(
    node: Dialler, directory: Spans, manifest: Manifest, settings: SessionSettings | None = None
) -> SwarmSession:
    """A session for the manifest's model; it dials servers at its first step."""
    digest = manifest.digest
    model = SwarmModel(digest, manifest.name, manifest.n_layers)
    return SwarmSession(node, lambda: directory.spans(digest), model, settings)


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
    ) -> None:
        """`held` leading prompt tokens are with the session already. No `choice`: greedy."""
        self._shell = shell
        self._session = session
        self._prompt = prompt
        self._max_new_tokens = max_new_tokens
        self._choice = choice
        self._loop = asyncio.get_running_loop()
        self._tokens: asyncio.Queue[int | None] = asyncio.Queue()
        self._stop: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.cache = SwarmCache(self._walk, held)

    async def tokens(self) -> AsyncIterator[int]:
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
        if not self._stop.done():
            self._stop.set_result(None)
        await asyncio.wait({run})
        run.exception()  # nobody else asks for it when the iteration was left early

    # --- in the thread
    # ------------------------------------------------------------------------------------------

    def _generate_or_stop(self) -> None:
        with contextlib.suppress(Stopped):
            self._generate()

    @torch.inference_mode()
    def _generate(self) -> None:
        ids = torch.tensor([list(self._prompt)])
        stop_tokens = sorted(self._shell.stop_tokens)
        config = GenerationConfig(
            max_new_tokens=self._max_new_tokens,
            do_sample=False,
            use_cache=True,
            eos_token_id=stop_tokens or None,
            pad_token_id=stop_tokens[0] if stop_tokens else 0,
        )
        self._shell.model.generate(
            ids,
            generation_config=config,
            **{cache_argument(self._shell.model): self.cache},
            logits_processor=self._choice or LogitsProcessorList(),
            stopping_criteria=StoppingCriteriaList([_AskedToStop(self._stop)]),
            streamer=_Streamer(self._loop, self._tokens),
        )

    def _walk(self, hidden: Tensor, position: int, extras: StepExtras | None) -> Tensor:
        """`[1, tokens, hidden]` through the swarm. Raises Stopped as soon as the run is to end."""
        if self._stop.done():
            raise Stopped("The answer was stopped.")
        step = asyncio.run_coroutine_threadsafe(self._session.step(hidden[0], position, extras), self._loop)
        concurrent.futures.wait([step, self._stop], return_when=concurrent.futures.FIRST_COMPLETED)
        if not step.done():
            raise Stopped("The answer was stopped.")
        return step.result()[None]


class _AskedToStop(StoppingCriteria):
    def __init__(self, stop: "concurrent.futures.Future[None]") -> None:
        self._stop = stop

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: object) -> Tensor:
        return torch.full((input_ids.shape[0],), self._stop.done(), device=input_ids.device)


class _Streamer(BaseStreamer):
    """Hands new tokens to the event loop; the first call brings the prompt."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tokens: "asyncio.Queue[int | None]") -> None:
        self._loop = loop
        self._tokens = tokens
        self._is_prompt = True

    def put(self, value: Tensor) -> None:
        if self._is_prompt:
            self._is_prompt = False
            return
        for token in value.flatten().tolist():
            self._loop.call_soon_threadsafe(self._tokens.put_nowait, token)

    def end(self) -> None:
        """The run's own end tells."""
