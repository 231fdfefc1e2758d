"""Replies to chats: the request in, text and a report of how it came about out."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from engine.api.completion_schema import ReplyRequest
from engine.api.openai_schema import FinishReason
from engine.api.schema import AnswerReport, AnswerStatus, HopReport, ModelInfo
from engine.api.sentences import said
from engine.errors import BadRequest
from engine.generate.embedding import embed_texts
from engine.generate.encoders import load_encoder
from engine.generate.events import Embeddings, Finished, ReplyEvent, TextPiece
from engine.generate.generation import Generation, Spans, open_session
from engine.generate.held_sessions import HeldSession, HeldSessions
from engine.generate.loaded_models import LoadedModels
from engine.generate.news import with_news
from engine.generate.prefixes import common_prefix
from engine.generate.prompt import Prompt, read
from engine.generate.sampling import choice_of
from engine.generate.shell_models import ShellModel, load_shell
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.draft_models import DraftModels
from engine.generate.speculation.experience import Experience
from engine.generate.text import StopStrings, TextDecoder
from engine.layer_ranges import depth_of
from engine.peers.book import PeerBook
from engine.precision import Precision
from engine.route.hop import Dialler
from engine.route.plan import covered
from engine.route.session import Audit, SwarmSession
from engine.route.settings import SessionSettings
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore

REPORT_SECONDS = 0.1  # between two reports of an answer under way: how old one may be when it is stopped


class Replies:
    """Answers chats with any model whose shell is in the layer store."""

    def __init__(
        self,
        node: Dialler,
        directory: Spans,
        store: LayerStore,
        settings: SessionSettings | None = None,
        book: PeerBook | None = None,
        audit: Audit | None = None,
        drafts: bool = True,
        draft_models: DraftModels | None = None,
    ) -> None:
        """Without `drafts` each token takes a trip of its own, without `draft_models` only prompt lookup
        drafts.
        """
        self._drafts = drafts
        self._draft_models = draft_models
        self._audit = audit
        self._book = book or PeerBook()
        self._node = node
        self._directory = directory
        self._store = store
        self._settings = settings or SessionSettings()
        self._shells = LoadedModels(load_shell, store)
        self._encoders = LoadedModels(load_encoder, store)
        self._held = HeldSessions()
        self._answering: list[HeldSession] = []

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models of this computer's store, and what of them the swarm serves now."""
        return tuple([await self._info(manifest) for manifest in self._store.manifests()])

    async def _info(self, manifest: Manifest) -> ModelInfo:
        servers = [s for s in await self._directory.spans(manifest.digest) if s.usable]
        return ModelInfo(
            name=manifest.name,
            digest=manifest.digest,
            n_layers=manifest.n_layers,
            context=manifest.context,
            kind=manifest.kind,
            local=True,
            covered=covered(servers),
            servers=len(servers),
            depth=depth_of([(s.start, s.end) for s in servers], manifest.n_layers),
        )

    async def reply(self, request: ReplyRequest) -> AsyncIterator[ReplyEvent]:
        """Text as it comes, then Finished. Raises a PotluckError; closing the iterator stops at once."""
        manifest = self._store.find(request.model)
        _check_can_answer(manifest, request)
        shell = await self._shells.get(manifest)
        prompt = await asyncio.to_thread(read, shell, request)
        settings = self._with(request.floor)
        held = await self._begin(manifest, prompt, settings)
        self._answering.append(held)
        try:
            experience = held.experience if self._drafts else None
            answer = _Answer(shell, held, prompt, request, experience, self._draft_models)
            async with aclosing(answer.events()) as events:
                async for event in events:
                    yield event
        finally:
            self._answering.remove(held)
            self._held.put(held)

    def ways(self) -> tuple[tuple[str, tuple[HopReport, ...]], ...]:
        """Of the answers that are made at this moment: the model's digest, and the servers in their order."""
        return tuple((held.model, hops) for held in self._answering if (hops := held.session.report()))

    def _with(self, floor: Precision | None) -> SessionSettings:
        return self._settings if floor is None else replace(self._settings, floor=floor)

    async def _begin(self, manifest: Manifest, prompt: Prompt, settings: SessionSettings) -> HeldSession:
        """A session that knows as much of a prompt as any."""
        forked = await self._fork(manifest, prompt, settings)
        taken = forked or await self._take(manifest, prompt, settings.floor)
        return taken or self._open(manifest, settings)

    async def _fork(
        self, manifest: Manifest, prompt: Prompt, settings: SessionSettings
    ) -> HeldSession | None:
        """A session that goes on from another one's beginning, which stays as it is."""
        found = self._held.to_fork(manifest.digest, prompt.keys, settings.floor, self._answering)
        if found is None:
            return None
        parent, shared = found
        shared = min(shared, len(prompt.ids) - 1)  # the last one always runs
        fresh = self._open(manifest, settings)
        try:
            is_forked = await fresh.session.go_on_from(parent.session, shared)
        except BaseException:
            fresh.session.close()
            raise
        if not is_forked:
            fresh.session.close()
            return None
        fresh.tokens = list(prompt.keys[:shared])
        return fresh

    async def _take(self, manifest: Manifest, prompt: Prompt, floor: Precision) -> HeldSession | None:
        """A held session that is still open when the step of an answer that was stopped is over."""
        held = self._held.take(manifest.digest, prompt.keys, floor)
        if held is None:
            return None
        try:
            await held.session.rest()
        except BaseException:
            held.session.close()
            raise
        if held.session.is_open:
            return held
        held.session.close()
        return None

    async def embed(self, model: str, texts: Sequence[str], floor: Precision | None = None) -> Embeddings:
        """One vector for each text. Raises a PotluckError."""
        manifest = self._store.find(model)
        if manifest.kind != "encoder":
            raise BadRequest(
                said("{model} writes text and makes no embeddings: choose an encoder.", model=manifest.name)
            )
        encoder = await self._encoders.get(manifest)
        batch = replace(self._with(floor), purpose="batch")
        return await embed_texts(encoder, texts, lambda: self._session(manifest, batch))

    def _open(self, manifest: Manifest, settings: SessionSettings) -> HeldSession:
        return HeldSession(manifest.digest, self._session(manifest, settings), floor=settings.floor)

    def _session(self, manifest: Manifest, settings: SessionSettings) -> SwarmSession:
        return open_session(self._node, self._directory, manifest, settings, self._book, self._audit)

    def close(self) -> None:
        self._held.close()
        if self._draft_models is not None:
            self._draft_models.close()


def _check_can_answer(manifest: Manifest, request: ReplyRequest) -> None:
    if manifest.kind == "encoder":
        raise BadRequest(
            said("{model} makes embeddings and writes no text: choose another model.", model=manifest.name)
        )
    if manifest.kind != "image_text" and request.images:
        raise BadRequest(
            said(
                "{model} reads text only: leave the pictures out, or choose a model that sees.",
                model=manifest.name,
            )
        )


class _Answer:
    """One answer while it is made."""

    def __init__(
        self,
        shell: ShellModel,
        held: HeldSession,
        prompt: Prompt,
        request: ReplyRequest,
        experience: Experience | None,
        draft_models: DraftModels | None,
    ) -> None:
        self._held = held
        self._prompt = prompt
        self._reported_at = -math.inf
        self._tells_repairs = request.potluck is not None and request.potluck.tell_repairs
        known = min(common_prefix(held.tokens, prompt.keys), len(prompt.ids) - 1)
        held.tokens = list(prompt.keys[:known])  # what stays while the answer is made
        room = shell.manifest.context - len(prompt.ids)
        self._limit = min(request.token_limit or room, room)
        choice = choice_of(request, shell.model.generation_config)
        self._draft_models = draft_models
        self._draft_model: DraftModel | None = None
        if draft_models is not None and experience is not None and not prompt.pictures:
            self._draft_model = draft_models.drafter(
                shell, prompt.ids, choice, lambda: experience.trip_seconds
            )
        # The last prompt token always runs: its output is what the first new token is chosen from.
        self._generation = Generation(
            shell,
            held.session,
            prompt.ids,
            max_new_tokens=self._limit,
            held=known,
            pictures=prompt.pictures,
            choice=choice,
            experience=experience,
            draft_model=self._draft_model,
        )
        self._stop_tokens = shell.stop_tokens
        self._decoder = TextDecoder(lambda ids: shell.tokenizer.decode(ids, skip_special_tokens=True))
        self._stops = StopStrings(request.stop_strings)
        self._new: list[int] = []
        self._started = self._first_token_at = time.monotonic()

    async def events(self) -> AsyncIterator[ReplyEvent]:
        self._held.session.start_counting()
        try:
            async with aclosing(self._tokens_and_news()) as tokens:
                async for token in tokens:
                    if isinstance(token, AnswerStatus):
                        yield TextPiece("", len(self._new), token)
                    elif text := self._take(token):
                        yield TextPiece(text, len(self._new), report=self._report_so_far())
                    if self._stops.hit:
                        break
        finally:
            self._held.session.on_repair = None
            seen = [*self._prompt.keys, *self._new]
            self._held.tokens = seen[: self._generation.held]
            if self._draft_models is not None and self._draft_model is not None:
                self._draft_models.put(self._draft_model)
        if rest := self._stops.push(self._decoder.rest()) + self._stops.rest():
            yield TextPiece(rest, len(self._new))
        yield Finished(self._reason(), len(self._prompt.ids), len(self._new), self._report())

    def _tokens_and_news(self) -> AsyncGenerator[int | AnswerStatus, None]:
        """Repairs are told to those who asked for it only: other clients know of none."""
        if not self._tells_repairs:
            return self._generation.tokens()
        news: asyncio.Queue[AnswerStatus] = asyncio.Queue()
        self._held.session.on_repair = lambda layers: news.put_nowait(AnswerStatus(repairing=layers))
        return with_news(self._generation.tokens(), news)

    def _take(self, token: int) -> str:
        if not self._new:
            self._first_token_at = time.monotonic()
            self._held.tokens = list(self._prompt.keys)
        self._new.append(token)
        return self._stops.push(self._decoder.push(token))

    def _reason(self) -> FinishReason:
        ended = self._stops.hit or (self._new and self._new[-1] in self._stop_tokens)
        return "stop" if ended or len(self._new) < self._limit else "length"

    def _report_so_far(self) -> AnswerReport | None:
        """Now and then, for those who asked for it."""
        now = time.monotonic()
        if not self._tells_repairs or now - self._reported_at < REPORT_SECONDS:
            return None
        self._reported_at = now
        return self._report()

    def _report(self) -> AnswerReport:
        now = time.monotonic()
        decoding = now - self._first_token_at
        return AnswerReport(
            tokens=len(self._new),
            tokens_per_s=(len(self._new) - 1) / decoding if len(self._new) > 1 and decoding > 0 else 0.0,
            seconds_to_first_token=self._first_token_at - self._started,
            trips=self._held.session.trips,
            replayed_spans=self._held.session.replayed_spans,
            reused_prompt_tokens=self._generation.reused,
            drafted=self._generation.drafted,
            accepted=self._generation.accepted,
            left_out=self._prompt.left_out,
            liars=tuple(sorted(self._held.session.liars)),
            hops=self._held.session.report(),
        )
