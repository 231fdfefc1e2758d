"""The typed client of the engine's local API: what the command line and the desktop use."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, RootModel, ValidationError

from engine.api.catalogue_schema import CatalogueList
from engine.api.doctor_schema import Diagnosis
from engine.api.embedding_schema import EmbeddingList, EmbeddingRequest
from engine.api.history_schema import By, History
from engine.api.known_engines import KnownEngine, is_name
from engine.api.manners_schema import MannersStatus, Preview, PreviewOrder, WhenRules
from engine.api.map_schema import SwarmMap
from engine.api.membership_schema import CreateOrder, Invitation, JoinOrder, LeaveOrder
from engine.api.named_host import ByName
from engine.api.openai_schema import ChatChunk, ChatRequest, ErrorBody, ModelList
from engine.api.plan_schema import PlanReport
from engine.api.preferences_schema import SettingsChange, SettingsReport, Value
from engine.api.run_file import START_HINT, read_run_file
from engine.api.schema import API_VERSION, DonationOrder, Event, Snapshot
from engine.api.sse import DONE, data_lines
from engine.api.store_schema import (
    ExportOrder,
    FetchOrder,
    Freed,
    ImportOrder,
    KeptOrder,
    LimitOrder,
    MoveOrder,
    StoreStatus,
    Transfer,
    VerifyOrder,
)
from engine.errors import NotAnswering, NotRunning, NotUnderstood

EVENT_SILENCE = 20.0  # seconds; the engine sends a keep-alive every 5
_QUICK = httpx.Timeout(10.0, connect=5.0)
_EVENTS = httpx.Timeout(EVENT_SILENCE, connect=5.0)
_ANSWER = httpx.Timeout(None, connect=5.0)  # a long prompt may take its time

_STORE = httpx.Timeout(120.0, connect=5.0)  # many large files are looked at, or removed

LONGEST_VERSION = 40  # characters

_Reply = TypeVar("_Reply", bound=BaseModel)


class _AnswerLine(RootModel[ErrorBody | ChatChunk]):
    """What one event of a streamed answer holds."""


class EngineClient:
    """One engine behind its local door. Close it when done, or use it as an async context manager.

    Every call raises NotRunning when the engine cannot be reached or goes away, and the PotluckError that
    the engine named otherwise.
    """

    patience = _QUICK  # for answers that need no work
    silence = _EVENTS  # of the event stream, before the engine is taken for one that hangs

    def __init__(self, address: str, key: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.address = address.rstrip("/")
        self.key = key
        self._http = httpx.AsyncClient(
            base_url=self.address,
            headers={"Authorization": f"Bearer {key}"},
            transport=transport,
            timeout=self.patience,
            trust_env=False,  # a proxy has no business on loopback
        )

    @classmethod
    def from_run_file(cls, path: Path) -> "EngineClient":
        """The engine that runs for this user. Raises NotRunning."""
        found = read_run_file(path)
        return cls(found.address, found.key)

    @classmethod
    def elsewhere(cls, known: KnownEngine) -> "EngineClient":
        """An engine on another computer. Every call raises NoSuchComputer, too, where that has a name."""
        carrier = httpx.AsyncHTTPTransport(trust_env=False)
        return cls(known.url, known.key, ByName(carrier) if is_name(known.address) else carrier)

    async def __aenter__(self) -> "EngineClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def status(self) -> Snapshot:
        return _understood(await self._call("GET", "/potluck/v1/status", Snapshot))

    async def donate(self, order: DonationOrder) -> Snapshot:
        return await self._call("POST", "/potluck/v1/donation", Snapshot, order)

    async def take_up_membership(self) -> Snapshot:
        """Have the engine move into the private swarm that was joined, or out of the one that was left."""
        return await self._call("POST", "/potluck/v1/swarm/membership", Snapshot)

    async def examine(self) -> Diagnosis:
        """How this computer is connected. Takes some seconds where other computers do not answer."""
        return await self._call("GET", "/potluck/v1/doctor", Diagnosis, None, _STORE)

    async def history(self, by: By) -> History:
        """What this computer gave, by hour, day or month."""
        return await self._call("GET", f"/potluck/v1/history?by={by.value}", History)

    async def swarm_map(self) -> SwarmMap:
        """Who serves which layers of which model."""
        return await self._call("GET", "/potluck/v1/swarm/map", SwarmMap)

    async def plan(self) -> PlanReport:
        """What this computer would serve if it were to choose now. Has no effect."""
        return await self._call("GET", "/potluck/v1/plan", PlanReport, None, _STORE)

    async def manners(self) -> MannersStatus:
        """What the owner's rules say now."""
        return await self._call("GET", "/potluck/v1/manners", MannersStatus)

    async def preview_manners(self, rules: WhenRules) -> Preview:
        """What these rules would have meant in the last 24 hours. Has no effect."""
        return await self._call("POST", "/potluck/v1/manners/preview", Preview, PreviewOrder(when=rules))

    async def models(self) -> ModelList:
        return await self._call("GET", "/v1/models", ModelList)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingList:
        return await self._call("POST", "/v1/embeddings", EmbeddingList, request, _ANSWER)

    async def quit(self) -> None:
        """Ask the engine to end. It answers first and is gone a moment later."""
        with _connection_errors():
            _raise_named_error(await self._http.post("/potluck/v1/quit"))

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """The state now, then again after each change. Ends only by NotRunning: the connection is lost."""
        state: dict[str, Any] = {}
        async with self._stream("GET", "/potluck/v1/events", self.silence) as lines:
            async for line in lines:
                event = _parse(Event, line)
                state = event.data if event.type == "snapshot" else {**state, **event.data}
                yield _understood(_parse_object(Snapshot, state))
        raise NotRunning(f"Potluck's engine has ended: {START_HINT}")

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """The answer's chunks as they come. Closing the iterator stops the answer."""
        body = request.model_copy(update={"stream": True})
        async with self._stream("POST", "/v1/chat/completions", _ANSWER, body) as lines:
            async for line in lines:
                if line == DONE:
                    return
                item = _parse(_AnswerLine, line).root
                if isinstance(item, ErrorBody):
                    raise item.error.named
                yield item
        raise NotRunning("The answer broke off because Potluck's engine ended: ask again.")

    # --- what the owner sets

    async def settings(self) -> SettingsReport:
        return await self._call("GET", "/potluck/v1/settings", SettingsReport)

    async def change_settings(self, changes: Mapping[str, Value]) -> SettingsReport:
        """All of them or, where one cannot be, none. Raises BadRequest."""
        change = SettingsChange(dict(changes))
        return await self._call("PUT", "/potluck/v1/settings", SettingsReport, change, _STORE)

    async def forget_setting(self, key: str) -> SettingsReport:
        """As if it had never been set."""
        path = f"/potluck/v1/settings/{quote(key, '')}"
        return await self._call("DELETE", path, SettingsReport, None, _STORE)

    async def invite(self) -> Invitation:
        """The link that lets others into this computer's private swarm."""
        return await self._call("GET", "/potluck/v1/swarm/invite", Invitation)

    async def create_swarm(self, order: CreateOrder) -> Snapshot:
        return await self._call("POST", "/potluck/v1/swarm/create", Snapshot, order)

    async def join_swarm(self, order: JoinOrder) -> Snapshot:
        return await self._call("POST", "/potluck/v1/swarm/join", Snapshot, order)

    async def leave_swarm(self) -> Snapshot:
        """Forgets the swarm's key."""
        return await self._call("POST", "/potluck/v1/swarm/leave", Snapshot, LeaveOrder())

    # --- the layer store; what is long comes back at once as a transfer

    async def store(self) -> StoreStatus:
        return await self._call("GET", "/potluck/v1/store", StoreStatus, None, _STORE)

    async def set_store_limit(self, limit: int | None) -> StoreStatus:
        """In bytes; None: the store's own default."""
        order = LimitOrder(limit=limit)
        return await self._call("PUT", "/potluck/v1/store/limit", StoreStatus, order, _STORE)

    async def import_model(self, order: ImportOrder) -> Transfer:
        return await self._call("POST", "/potluck/v1/store/import", Transfer, order)

    async def verify_store(self, model: str | None = None) -> Transfer:
        """Of the model with this digest; None: all that is stored."""
        return await self._call("POST", "/potluck/v1/store/verify", Transfer, VerifyOrder(model=model))

    async def fetch_model(self, digest: str, name: str | None = None) -> Transfer:
        """All of it, from other computers; it is kept from then on. `name`: to show meanwhile."""
        order = FetchOrder(model=digest, name=name)
        return await self._call("POST", "/potluck/v1/store/fetch", Transfer, order)

    async def export_model(self, digest: str, folder: Path) -> Transfer:
        order = ExportOrder(model=digest, folder=str(folder))
        return await self._call("POST", "/potluck/v1/store/export", Transfer, order)

    async def move_store(self, folder: Path) -> Transfer:
        """Copy all layers there; the next start of the engine takes them up."""
        order = MoveOrder(folder=str(folder))
        return await self._call("POST", "/potluck/v1/store/move", Transfer, order)

    async def keep_store_here(self) -> StoreStatus:
        """Drop the copy that the next start would take up."""
        return await self._call("DELETE", "/potluck/v1/store/move", StoreStatus, None, _STORE)

    async def catalogue(self) -> CatalogueList:
        return await self._call("GET", "/potluck/v1/catalogue", CatalogueList)

    async def cancel_transfer(self, transfer_id: str) -> Transfer:
        return await self._call(
            "POST", f"/potluck/v1/store/transfers/{quote(transfer_id, '')}/cancel", Transfer
        )

    async def remove_model(self, digest: str) -> Freed:
        return await self._call("DELETE", _model_path(digest), Freed, None, _STORE)

    async def keep_model(self, digest: str, kept: bool) -> StoreStatus:
        order = KeptOrder(kept=kept)
        return await self._call("PUT", f"{_model_path(digest)}/kept", StoreStatus, order, _STORE)

    async def clear_store(self) -> Freed:
        return await self._call("POST", "/potluck/v1/store/clear", Freed, None, _STORE)

    async def _call(
        self,
        method: str,
        path: str,
        reply: type[_Reply],
        body: BaseModel | None = None,
        patience: httpx.Timeout | None = None,
    ) -> _Reply:
        with _connection_errors():
            response = await self._http.request(
                method, path, json=_json(body), timeout=patience or self.patience
            )
        _raise_named_error(response)
        return _parse(reply, response.content)

    @asynccontextmanager
    async def _stream(
        self, method: str, path: str, patience: httpx.Timeout, body: BaseModel | None = None
    ) -> AsyncIterator[AsyncIterator[str]]:
        """The data lines of an answer that is an event stream."""
        with _connection_errors():
            async with self._http.stream(method, path, json=_json(body), timeout=patience) as response:
                if not response.is_success:
                    await response.aread()
                _raise_named_error(response)
                yield data_lines(response.aiter_bytes())


def _model_path(digest: str) -> str:
    return f"/potluck/v1/store/models/{quote(digest, '')}"


def _raise_named_error(response: httpx.Response) -> None:
    if not response.is_success:
        raise _parse(ErrorBody, response.content).error.named


def _json(body: BaseModel | None) -> Any:
    return None if body is None else body.model_dump(mode="json", exclude_none=True)


def _understood(snapshot: Snapshot) -> Snapshot:
    """Raises NotUnderstood where the engine's words have changed their meaning."""
    if snapshot.api_version != API_VERSION:
        raise _not_understood(snapshot.version)
    return snapshot


def _parse(kind: type[_Reply], text: str | bytes) -> _Reply:
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        raise _not_understood(_version_in(text)) from None


def _parse_object(kind: type[_Reply], value: dict[str, Any]) -> _Reply:
    return _parse(kind, json.dumps(value))  # JSON mode: lists are read as tuples


def _version_in(text: str | bytes) -> str:
    """What an engine of another version says of itself; empty where nothing does."""
    with suppress(ValueError):
        said = json.loads(text)
        version = said.get("version", "") if isinstance(said, dict) else ""
        return version if isinstance(version, str) and len(version) <= LONGEST_VERSION else ""
    return ""


def _not_understood(version: str) -> NotUnderstood:
    who = f"Potluck's engine of version {version}" if version else "What answers at the engine's address"
    return NotUnderstood(f"{who} does not speak this program's language: end it and start Potluck.", version)


@contextmanager
def _connection_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        if isinstance(error, httpx.TimeoutException):
            raise NotAnswering("Potluck's engine does not answer: end it, and start it again.") from error
        raise NotRunning(f"Potluck's engine cannot be reached: {START_HINT}") from error
