"""What is known before it is decided: which models may be served, and what of them is here."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.errors import PartsMissing, UnknownModel
from engine.giving.candidates import IGNORED_SECONDS, MAX_LAYERS, MAX_MODELS, Alone, Candidates
from engine.giving.survey import Standing, Survey
from engine.machine.facts import Cpu, Machine
from engine.machine.known_speeds import SpeedBook
from engine.planning.planner import plan
from engine.settings import HostSettings
from engine.supply.choice import called, most_wanted
from engine.weights.manifest import Manifest, Part
from engine.weights.store.layer_store import LayerStore
from engine.wire.records import Coordinates, ServerState, SpanRecord
from tests.giving.records import PEER, changed, record
from tests.giving.stand_ins import host_plan
from tests.stand_in_engine import MANIFEST, read_machine

OTHER = changed(name="soup", context=128)


def peer(number: int) -> str:
    return "12D3KooW" + "A" * 40 + str(number + 1111).replace("0", "z")


class Described:
    """A swarm whose records are known, and which describes some models."""

    def __init__(self, records: Sequence[SpanRecord], manifests: Sequence[Manifest] = (MANIFEST, OTHER)):
        self._records = records
        self._manifests = {manifest.digest: manifest for manifest in manifests}
        self.asked: list[str] = []

    async def records(self) -> Sequence[SpanRecord]:
        return self._records

    async def find(self, name: str) -> Manifest:
        self.asked.append(name)
        for manifest in self._manifests.values():
            if name == manifest.name:
                return manifest
        raise UnknownModel(name)

    async def described(self, record: SpanRecord) -> Manifest:
        self.asked.append(record.model)
        if record.model not in self._manifests:
            raise PartsMissing("No computer that answers knows this model: try again later.")
        return self._manifests[record.model]


@pytest.fixture
def store(tmp_path: Path) -> LayerStore:
    return LayerStore(tmp_path / "layers")


async def names(candidates: Candidates, swarm: Described | Alone, own=(), otherwise=None) -> list[str]:
    found = await candidates.among(swarm, await swarm.records(), own, otherwise)
    return [manifest.name for manifest in found]


async def test_the_owners_model_is_the_only_one(store: LayerStore):
    swarm = Described([record()])
    wanted = Candidates(store, "soup")
    assert await names(wanted, swarm) == await names(wanted, swarm) == ["soup"]
    assert swarm.asked == ["soup"]
    with pytest.raises(UnknownModel):
        await names(Candidates(store, "stew"), swarm)


async def test_what_others_serve_comes_before_what_is_here(store: LayerStore):
    store.save_manifest(OTHER)
    free = Candidates(store, None)
    assert await names(free, Described([record()]), otherwise=OTHER) == ["tiny"]
    assert await names(free, Described([]), otherwise=MANIFEST) == ["tiny"]
    assert await names(free, Alone(store)) == ["soup"]
    assert await names(free, Described([record()]), own=[OTHER.digest]) == ["tiny", "soup"]
    assert await names(free, Described([]), own=["f" * 64], otherwise=MANIFEST) == ["tiny"]


async def test_a_flood_of_models_is_not_looked_at(store: LayerStore):
    made_up = [record(peer(number), model=f"{number:064x}") for number in range(50)]
    real = [record(peer(number)) for number in range(60, 62)]
    swarm, now = Described([*made_up, *real]), [0.0]
    free = Candidates(store, None, lambda: now[0])
    assert await names(free, swarm) == ["tiny"]
    assert len(swarm.asked) == MAX_MODELS
    await names(free, swarm)
    assert len(swarm.asked) == len(set(swarm.asked)) == 2 * MAX_MODELS - 1
    now[0] = IGNORED_SECONDS + 1
    await names(free, swarm)
    assert len(set(swarm.asked)) == 2 * MAX_MODELS - 1


async def test_models_of_many_who_describe_none_do_not_hide_a_real_one(store: LayerStore):
    made_up = [
        record(peer(number), model=f"{model:064x}") for model in range(2 * MAX_MODELS) for number in (1, 2)
    ]
    free, swarm = Candidates(store, None), Described([*made_up, record()])
    assert [await names(free, swarm) for _ in range(3)] == [[], [], ["tiny"]]


async def test_a_model_that_could_not_be_served_is_left_for_others_until_it_may_have_mended(
    store: LayerStore,
):
    now = [0.0]
    swarm = Described([record(), record(peer(1)), record(model=OTHER.digest)])
    free = Candidates(store, None, lambda: now[0])
    assert await names(free, swarm) == ["tiny", "soup"]
    free.ignore(MANIFEST.digest)
    assert await names(free, swarm) == ["soup"]
    assert await names(free, Described([record()]), otherwise=MANIFEST) == ["tiny"]
    now[0] = IGNORED_SECONDS + 1
    assert await names(free, swarm) == ["tiny", "soup"]


async def test_a_strangers_model_of_thousands_of_layers_is_not_planned_for(store: LayerStore):
    per_layer = ("layers", "cache_values", "matrix_values", "matrix_rows")
    deep = changed(**{name: getattr(MANIFEST, name)[:1] * (MAX_LAYERS + 1) for name in per_layer})
    swarm = Described([record(), record(peer(1), model=deep.digest)], [MANIFEST, deep])
    assert await names(Candidates(store, None), swarm) == ["tiny"]


async def test_a_silent_swarm_is_not_waited_for(store: LayerStore, monkeypatch):
    class Silent(Described):
        async def described(self, record: SpanRecord) -> Manifest:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("engine.giving.candidates.DESCRIBING_SECONDS", 0.05)
    assert await names(Candidates(store, None), Silent([record()]), otherwise=OTHER) == ["soup"]


def test_models_of_most_servers_come_first_then_those_of_most_work():
    few = record(peer(1), model="1" * 64)
    busy = record(peer(2), model="2" * 64, busy=0.9)
    many = [record(peer(number), model="3" * 64) for number in (3, 4)]
    joining = record(peer(5), model="4" * 64, state=ServerState.JOINING)
    wanted = most_wanted([few, busy, *many, joining])
    assert [each.model[0] for each in wanted] == ["3", "2", "1"]
    assert called("tiny", [few, *many, joining]) == many[0]
    assert called(joining.model, [few, joining]) is None  # nobody has it yet


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_a_draft_model_makes_room(store: LayerStore, tmp_path: Path):
    book = SpeedBook(tmp_path / "speeds.json")
    survey = Survey(store, HostSettings(), read_machine, book, drafts_bytes=lambda: 123)
    seen = (await survey.situation(Described([], []), Standing(), MANIFEST)).situation
    assert seen.machine.available_bytes == read_machine().available_bytes + 123


async def test_a_situation(store: LayerStore, tmp_path: Path):
    part = store.put(b"a layer")
    manifest = changed(layers=(MANIFEST.layers[0], part, *MANIFEST.layers[2:]))
    others = [
        record(PEER, model=manifest.digest),
        record(peer(1), model=manifest.digest),
        record(peer(2), model=manifest.digest, state=ServerState.CHOOSING),
        record(peer(3), model=OTHER.digest),  # which nobody describes
    ]
    wishes = HostSettings(memory_bytes=1 << 30)
    survey = Survey(store, wishes, read_machine, SpeedBook(tmp_path / "speeds.json"), lambda: 0.25)
    standing = Standing(frozenset({PEER}), {"cpu": host_plan()}, {"cpu": 7.0})
    before = files_in(tmp_path)
    surveyed = await survey.situation(Described(others, [manifest]), standing)
    seen = surveyed.situation
    assert files_in(tmp_path) == before
    assert [shape.digest for shape in seen.models] == [manifest.digest]
    assert surveyed.manifests == {manifest.digest: manifest}
    assert seen.held == {manifest.digest: frozenset({1})}
    assert set(seen.swarm.models) == {manifest.digest}
    assert {server.peer for server in seen.swarm.models[manifest.digest].servers} == {peer(1), peer(2)}
    assert (seen.wishes, seen.serving["cpu"].model) == (wishes, MANIFEST.digest)
    assert (seen.served_seconds, seen.draw, seen.machine) == ({"cpu": 7.0}, 0.25, read_machine())
    assert "cpu" in seen.speeds.of


def around(at: float) -> Coordinates:
    return Coordinates(at=(at, 0.0, 0.0), height=0.01, error=0.2)


@pytest.mark.parametrize(
    ("here", "taken"), [(around(0.0), {8, 9, 10, 11}), (around(0.2), {0, 1, 2, 3}), (None, set(range(12)))]
)
async def test_what_servers_say_of_where_they_are_decides_between_layers_that_lack_alike(
    store: LayerStore, tmp_path: Path, here: Coordinates | None, taken: set[int]
):
    """The first four of twelve layers have three servers here and one far away, the last four the reverse."""
    layers = {
        "layers": (Part("1" * 64, 400_000_000),) * 12,
        "cache_values": (2048,) * 12,
        "matrix_values": (100_000_000,) * 12,
        "matrix_rows": (4096,) * 12,
    }
    config = {"hidden_size": 1024, "num_attention_heads": 8, "num_hidden_layers": 12}
    manifest = changed(config=config, context=4096, **layers)
    places = [(0, 0.0)] * 3 + [(8, 0.0)] + [(0, 0.2)] + [(8, 0.2)] * 3 + [(4, 0.0), (4, 0.2)] * 4
    others = [
        record(peer(number), model=manifest.digest).model_copy(
            update={"start": first, "end": first + 4, "n_layers": 12, "coordinates": around(at)}
        )
        for number, (first, at) in enumerate(places)
    ]
    wishes = HostSettings(memory_bytes=3_500_000_000, precision="float32")  # for four layers
    machine = Machine(Cpu(physical_cores=8), 64 << 30, 64 << 30)
    survey = Survey(store, wishes, lambda: machine, SpeedBook(tmp_path / "speeds.json"), here=lambda: here)
    surveyed = await survey.situation(Described(others, [manifest]), Standing())
    [placed] = plan(surveyed.situation)
    assert placed.plan is not None
    assert taken & set(range(placed.plan.start, placed.plan.end))
    assert ("near this one" in placed.plan.why) == (here is not None)
