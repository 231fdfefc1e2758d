"""Embeddings through servers in this process: the local model's vectors, and what goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from tokenizers import processors
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.errors import BadRequest, MissingLayers, TooCoarse
from engine.generate.embedding import AT_ONCE
from engine.generate.replies import Replies
from engine.weights.imports.importing import import_from, import_model
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.in_memory_swarm import IMPATIENT, MemorySwarm
from tests.tiny_models import HIDDEN, N_LAYERS, byte_tokenizer, chat_model

TEXTS = ("A text.", "Another one, which is longer.", "x", "Ünïcode, as well.", "A text.", "The last of six.")
LONGEST = 60  # tokens
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Library:
    """An encoder, in a store and as it is."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    store: LayerStore
    manifest: Manifest

    @torch.inference_mode()
    def local(self, text: str) -> torch.Tensor:
        """What the plain local model gives: the mean of its states, of length 1."""
        states = self.model(**self.tokenizer(text, return_tensors="pt"))[0][0]
        return torch.nn.functional.normalize(states.mean(dim=0), dim=0)


def framing_tokenizer() -> PreTrainedTokenizerFast:
    """Puts a token before each text and one behind it."""
    tokenizer = byte_tokenizer()
    begin, end = tokenizer.bos_token, tokenizer.eos_token
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, tokenizer.bos_token_id), (end, tokenizer.eos_token_id)],
    )
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return tokenizer


def sizes(tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": HIDDEN,
        "intermediate_size": 48,
        "num_hidden_layers": N_LAYERS,
        "num_attention_heads": 4,
        "pad_token_id": tokenizer.pad_token_id,
    }


def write_sentence_files(folder: Path) -> None:
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    files: dict[str, Any] = {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(kinds.items())
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": LONGEST, "do_lower_case": False},
    }
    (folder / "1_Pooling").mkdir()
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    tokenizer = framing_tokenizer()
    torch.manual_seed(0)
    config = hf.RobertaConfig(**sizes(tokenizer), max_position_embeddings=512, initializer_range=0.3)
    model = hf.RobertaModel(config, add_pooling_layer=False).eval()
    folder = tmp_path_factory.mktemp("encoder")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_sentence_files(folder)
    store = LayerStore(tmp_path_factory.mktemp("layers"))
    return Library(model, tokenizer, store, import_from(str(folder), store, "tiny"))


@pytest.fixture
async def replies(swarm: MemorySwarm, library: Library) -> AsyncIterator[Replies]:
    replies = Replies(swarm, swarm, library.store, IMPATIENT)
    yield replies
    replies.close()
    await swarm.settled()


def serve(swarm: MemorySwarm, library: Library, cuts: Sequence[tuple[int, int]]) -> None:
    for start, end in cuts:
        swarm.add(library.model, start, end, digest=library.manifest.digest, causal=False)


async def test_vectors_are_those_of_the_local_model(
    library: Library, swarm: MemorySwarm, replies: Replies
) -> None:
    serve(swarm, library, [(0, 1), (1, 3), (3, N_LAYERS)])
    made = await replies.embed("tiny", TEXTS)
    assert len(made.vectors) == len(TEXTS)
    for vector, text in zip(made.vectors, TEXTS, strict=True):
        assert (torch.tensor(vector) - library.local(text)).abs().max() <= TOLERANCE
    assert made.vectors[0] != pytest.approx(made.vectors[1], abs=0.01)
    assert made.prompt_tokens == sum(len(library.tokenizer(text).input_ids) for text in TEXTS)
    assert all(server.opened == AT_ONCE for server in swarm.servers.values())


async def test_vectors_are_made_by_layers_that_are_fine_enough(
    library: Library, swarm: MemorySwarm, replies: Replies
) -> None:
    serve(swarm, library, [(0, N_LAYERS), (0, N_LAYERS)])
    coarse, fine = swarm.servers.values()
    coarse.layer_precisions = (("int8", N_LAYERS),)
    await replies.embed("tiny", TEXTS * 8, "bfloat16")
    assert (coarse.opened, fine.opened) == (0, AT_ONCE)
    fine.layer_precisions = coarse.layer_precisions
    with pytest.raises(TooCoarse, match="served here only in int8"):
        await replies.embed("tiny", TEXTS, "bfloat16")


async def test_texts_are_spread_over_servers(library: Library, swarm: MemorySwarm, replies: Replies) -> None:
    """Where a chat would always go to the one that is liked most."""
    serve(swarm, library, [(0, N_LAYERS), (0, N_LAYERS)])
    for _ in range(10):
        await replies.embed("tiny", TEXTS[:AT_ONCE])
    opened = [server.opened for server in swarm.servers.values()]
    assert min(opened) > 0
    assert sum(opened) == 10 * AT_ONCE


async def test_nothing_is_left_open(library: Library, swarm: MemorySwarm, replies: Replies) -> None:
    serve(swarm, library, [(0, N_LAYERS)])
    await replies.embed("tiny", TEXTS[:1])
    await swarm.settled()
    [server] = swarm.servers.values()
    assert server.opened == 1
    assert len(server.batcher.sessions) == 0


async def test_a_text_that_is_too_long_is_named(
    library: Library, swarm: MemorySwarm, replies: Replies
) -> None:
    serve(swarm, library, [(0, N_LAYERS)])
    fitting = "x" * (LONGEST - 2)
    assert len((await replies.embed("tiny", [fitting])).vectors) == 1
    with pytest.raises(BadRequest, match="A text is 61 tokens long, but tiny reads at most 60: shorten it"):
        await replies.embed("tiny", [fitting, fitting + "x"])


async def test_missing_layers_are_named(library: Library, swarm: MemorySwarm, replies: Replies) -> None:
    serve(swarm, library, [(0, 3)])
    with pytest.raises(MissingLayers, match="nobody serves layers 4–5 of 5"):
        await replies.embed("tiny", TEXTS)


async def test_embedding_can_be_given_up(library: Library, swarm: MemorySwarm, replies: Replies) -> None:
    serve(swarm, library, [(0, N_LAYERS)])
    [server] = swarm.servers.values()
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    server.runner.before = lambda _: loop.call_soon_threadsafe(begun.set)
    run = asyncio.create_task(replies.embed("tiny", TEXTS * 20))
    await begun.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await swarm.settled()
    assert len(server.batcher.sessions) == 0


# --- without files of its own


async def test_a_plain_encoder_gives_the_mean_of_its_tokens(tmp_path: Path, swarm: MemorySwarm) -> None:
    tokenizer = framing_tokenizer()
    room = 40  # tokens; their positions are counted from behind the one that marks padding
    positions = tokenizer.pad_token_id + 1 + room
    torch.manual_seed(1)
    config = hf.RobertaConfig(**sizes(tokenizer), max_position_embeddings=positions, initializer_range=0.3)
    model = hf.RobertaModel(config, add_pooling_layer=False).eval()
    store = LayerStore(tmp_path)
    plain = Library(model, tokenizer, store, import_model(model, tokenizer, "plain", store))
    serve(swarm, plain, [(0, N_LAYERS)])
    replies = Replies(swarm, swarm, store, IMPATIENT)
    [vector] = (await replies.embed("plain", TEXTS[:1])).vectors
    assert torch.tensor(vector).norm() > 1.5
    unit = torch.nn.functional.normalize(torch.tensor(vector), dim=0)
    assert (unit - plain.local(TEXTS[0])).abs().max() <= TOLERANCE
    assert (await replies.embed("plain", ["x" * (room - 2)])).prompt_tokens == room
    with pytest.raises(BadRequest, match="at most 40"):
        await replies.embed("plain", ["x" * (room - 1)])
    replies.close()


# --- the wrong kind of model


async def test_an_encoder_does_not_chat(replies: Replies) -> None:
    chat = ChatRequest(model="tiny", messages=(ChatMessage(role="user", content="Hello"),))
    with pytest.raises(BadRequest, match="tiny makes embeddings and writes no text"):
        await anext(replies.reply(chat))


async def test_a_model_that_writes_makes_no_embeddings(tmp_path: Path, swarm: MemorySwarm) -> None:
    store = LayerStore(tmp_path)
    tokenizer = byte_tokenizer()
    import_model(chat_model(tokenizer), tokenizer, "writer", store)
    replies = Replies(swarm, swarm, store, IMPATIENT)
    with pytest.raises(BadRequest, match="writer writes text and makes no embeddings"):
        await replies.embed("writer", TEXTS)
