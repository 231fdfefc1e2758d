"""The layer store through the local door: server and typed client as a pair, around a real store."""

import asyncio
from pathlib import Path

import httpx
import pytest

from engine import errors
from engine.api.client import EngineClient
from engine.api.embedding_schema import EmbeddingRequest
from engine.api.store_schema import ImportOrder, Transfer, TransferKind, TransferState
from tests.stored_models import LAYER_BYTES, stored_model

from .conftest import Door

STORE = "/potluck/v1/store"
BAD_ORDERS = [
    ("PUT", "/limit", '{"limit": -1}'),
    ("PUT", "/limit", '{"limit": "much"}'),
    ("POST", "/import", "{}"),
    ("POST", "/import", '{"source": ""}'),
    ("POST", "/import", '{"source": "a\\u0000b"}'),
    ("POST", "/import", '{"source": "a", "revision": "../main"}'),
    ("POST", "/import", '{"source": "a", "name": "two\\nlines"}'),
    ("POST", "/verify", '{"model": "tiny"}'),
    ("PUT", f"/models/{'0' * 64}/kept", "{}"),
    ("POST", "/fetch", '{"model": "tiny"}'),
    ("POST", "/export", '{"model": "tiny", "folder": "/x"}'),
    ("POST", "/move", "{}"),
    ("POST", "/move", '{"folder": "near"}'),
]


async def test_what_the_store_holds_and_its_limit(client: EngineClient, door: Door):
    manifest = stored_model(door.store, here=2)
    status = await client.store()
    [model] = status.models
    assert (model.name, model.digest, len(model.layers)) == ("tiny", manifest.digest, 3)
    assert [layer.present for layer in model.layers] == [True, True, False]
    assert (await client.set_store_limit(10**9)).limit == 10**9
    assert (await client.set_store_limit(None)).limit_chosen is False
    assert (await client.keep_model(manifest.digest, True)).models[0].kept
    assert not (await client.keep_model(manifest.digest, False)).models[0].kept


async def test_removing_and_clearing(client: EngineClient, door: Door):
    first, second = stored_model(door.store, "first"), stored_model(door.store, "second", seed=1)
    assert (await client.remove_model(first.digest)).size == 3 * LAYER_BYTES
    assert (await client.clear_store()).size == 4 * LAYER_BYTES + 2
    assert [m.name for m in door.store.manifests()] == [second.name]
    with pytest.raises(errors.UnknownModel):
        await client.remove_model(first.digest)
    for strange in ("tiny", "../../../etc"):
        with pytest.raises(errors.BadRequest):
            await client.keep_model(strange, True)


async def ended(client: EngineClient, transfer: Transfer) -> Transfer:
    """As the event stream tells it."""
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            for seen in snapshot.transfers:
                if seen.id == transfer.id and seen.ended:
                    return seen
    raise AssertionError("the stream ended")


async def test_an_import_is_followed_in_the_event_stream(client: EngineClient):
    begun = await client.import_model(ImportOrder(source="/models/large", name="large"))
    assert (begun.kind, begun.model, begun.ended) == (TransferKind.IMPORT, "large", False)
    assert (await ended(client, begun)).state is TransferState.FAILED  # this worker writes no such file
    done = await ended(
        client, await client.import_model(ImportOrder(source="package:small", revision="v1.0/a"))
    )
    assert (done.state, done.outcome) == (TransferState.DONE, "small is in the layer store.")
    assert done in (await client.store()).transfers


async def test_a_source_that_depends_on_a_folder(client: EngineClient):
    with pytest.raises(errors.BadRequest, match="name a whole path"):
        await client.import_model(ImportOrder(source="model"))


async def test_cancelling(client: EngineClient):
    begun = await client.import_model(ImportOrder(source="package:hangs"))
    await client.cancel_transfer(begun.id)
    assert (await ended(client, begun)).state is TransferState.CANCELLED
    for unknown in ("nobody", "a/b", ".."):
        with pytest.raises(errors.BadRequest):
            await client.cancel_transfer(unknown)


async def test_fetching_exporting_and_moving(client: EngineClient, door: Door, tmp_path: Path):
    manifest = stored_model(door.store, "soup")
    fetched = await ended(client, await client.fetch_model(manifest.digest, "soup"))
    assert (fetched.kind, fetched.state) == (TransferKind.FETCH, TransferState.DONE)
    exporting = await client.export_model(manifest.digest, tmp_path / "out")
    assert (exporting.kind, exporting.model) == (TransferKind.EXPORT, "soup")
    moving = await client.move_store(tmp_path / "disk")
    assert moving.kind is TransferKind.MOVE
    assert (await ended(client, moving)).state is TransferState.FAILED  # this worker moves nothing
    assert (await client.store()).begun_path == str(tmp_path / "disk")
    assert (await client.keep_store_here()).begun_path == ""
    with pytest.raises(errors.BadRequest, match="elsewhere"):
        await client.move_store(door.store.root / "inside")
    with pytest.raises(errors.UnknownModel):
        await client.export_model("0" * 64, tmp_path / "out")


async def test_the_catalogue(client: EngineClient):
    assert "meta-llama/Llama-3.1-8B*" in {model.source for model in (await client.catalogue()).models}


async def test_verifying_an_unknown_model(client: EngineClient):
    with pytest.raises(errors.UnknownModel):
        await client.verify_store("0" * 64)


@pytest.mark.parametrize("address", ["https://example.org/model", "file:///etc", "s3://bucket"])
async def test_addresses_are_not_opened(door: Door, address):
    async with httpx.AsyncClient(base_url=door.address, headers=door.headers, trust_env=False) as http:
        answer = await http.post(f"{STORE}/import", json={"source": address})
    assert answer.status_code == 400
    assert "addresses are not opened" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("method", "path", "body"), BAD_ORDERS)
async def test_orders_that_make_no_sense(door: Door, method, path, body):
    async with httpx.AsyncClient(base_url=door.address, headers=door.headers, trust_env=False) as http:
        answer = await http.request(method, STORE + path, content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


async def test_the_store_is_behind_the_key(door: Door):
    async with httpx.AsyncClient(base_url=door.address, trust_env=False) as http:
        assert (await http.get(STORE)).status_code == 401
        assert (await http.post(f"{STORE}/clear")).status_code == 401


async def test_the_typed_client_embeds(client: EngineClient):
    made = await client.embed(EmbeddingRequest(model="tiny", input=("a", "bc")))
    assert [item.embedding for item in made.data] == [(1.0, 0.25, -1.5), (2.0, 0.25, -1.5)]
    with pytest.raises(errors.UnknownModel):
        await client.embed(EmbeddingRequest(model="other", input="a"))
