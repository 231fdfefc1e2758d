"""A computer with an empty layer store joins a swarm: its layers and its chat come from the others."""

from pathlib import Path

import pytest

from engine.api.openai_schema import ChatMessage
from engine.api.schema import DonationOrder
from engine.generate.prompt import prompt_ids
from engine.settings import Paths
from engine.weights.imports.importing import import_model
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.swarm.running_engine import READY, running_engine
from tests.tiny_models import CHAT_CONTEXT, byte_tokenizer, chat_model, greedy

QUESTION = [{"role": "user", "content": "What is in the pot?"}]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return home_in(tmp_path / "giver")


@pytest.fixture
def newcomer_paths(tmp_path: Path) -> Paths:
    return home_in(tmp_path / "newcomer")


def home_in(folder: Path) -> Paths:
    return Paths(folder / "data", folder / "cache", folder / "logs")


class Soup:
    """A model that no hub and no package has, and what it says."""

    def __init__(self, store: LayerStore) -> None:
        self.tokenizer = byte_tokenizer()
        self.model = chat_model(self.tokenizer)
        self.manifest: Manifest = import_model(self.model, self.tokenizer, "Soup", store)

    def answer(self, count: int) -> str:
        turns = [ChatMessage.model_validate(message) for message in QUESTION]
        prompt = prompt_ids(self.tokenizer, turns, CHAT_CONTEXT)
        return self.tokenizer.decode(greedy(self.model, prompt, count), skip_special_tokens=True)


def layers_in(store: LayerStore, manifest: Manifest) -> list[int]:
    return [index for index, part in enumerate(manifest.layers) if store.has(part)]


async def says(engine, count: int) -> str:
    answer = await engine.openai.chat.completions.create(
        model="Soup", messages=QUESTION, max_tokens=count, temperature=0
    )
    return answer.choices[0].message.content


async def test_an_empty_computer_gets_its_layers_and_its_chat_from_the_swarm(paths, newcomer_paths):
    soup = Soup(LayerStore(paths.layer_store))
    store = LayerStore(newcomer_paths.layer_store)
    async with running_engine(paths, "--donate", "--model", "Soup") as giver:
        [address] = (await giver.until(lambda s: s.condition.reason in READY)).swarm.addresses
        options = ("--peer", address, "--listen", "/ip4/127.0.0.1/tcp/0")
        async with running_engine(newcomer_paths, "--donate", "--layers", "2-3", *options) as newcomer:
            serving = await newcomer.until(lambda s: s.condition.reason in READY)
            [server] = serving.servers
            assert (server.model, server.start, server.end) == ("Soup", 1, 3)
            assert set(layers_in(store, soup.manifest)) >= {1, 2}
            assert not store.has(soup.manifest.shell)  # nobody has chatted here yet
            assert await says(newcomer, 12) == soup.answer(12)
            assert store.has(soup.manifest.shell)
            await newcomer.client.donate(DonationOrder(action="pause"))
            await newcomer.until(lambda s: not s.servers)
            damaged = store.path(soup.manifest.layers[1])
            damaged.write_bytes(damaged.read_bytes()[::-1])
            await newcomer.client.donate(DonationOrder(action="start"))
            await newcomer.until(lambda s: s.condition.reason in READY)
            assert store.read(soup.manifest.layers[1])
