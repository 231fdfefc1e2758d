"""Real block server processes for models that see pictures, and for those that make embeddings."""

from contextlib import aclosing
from pathlib import Path

import torch
import transformers as hf

from engine.api.openai_schema import ChatRequest
from engine.generate.events import TextPiece
from engine.generate.replies import Replies
from engine.private_swarm import PrivateSwarm
from engine.weights.imports.importing import import_model
from engine.weights.store.layer_store import LayerStore
from tests.generate.seeing_chats import seeing_chat, shown
from tests.model.picture_models import FAMILIES, N_LAYERS, drawing
from tests.tiny_models import byte_tokenizer


async def test_a_picture_is_described_through_a_process(tmp_path: Path) -> None:
    """Its tokens see each other, which servers learn with the step that brings them."""
    chat = seeing_chat(FAMILIES["gemma3"], "Gemma3Processor", tmp_path, image_seq_length=4)
    turns = (shown(drawing(), "What is to be seen here?"),)
    request = ChatRequest(model="seer", messages=turns, max_tokens=8, temperature=0)
    async with PrivateSwarm.open(chat.store, chat.manifest) as swarm:
        await swarm.add_all([(0, N_LAYERS)], threads=1)
        replies = Replies(swarm.node, swarm.directory, chat.store)
        async with aclosing(replies.reply(request)) as events:
            text = "".join([event.text async for event in events if isinstance(event, TextPiece)])
        replies.close()
    assert text == chat.local(turns, 8)


async def test_texts_are_embedded_through_a_process(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    torch.manual_seed(0)
    config = hf.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        initializer_range=0.3,
    )
    model = hf.BertModel(config, add_pooling_layer=False).eval()
    store = LayerStore(tmp_path)
    manifest = import_model(model, tokenizer, "encoder", store)
    texts = ["A text.", "Another text, which is longer."]
    async with PrivateSwarm.open(store, manifest) as swarm:
        await swarm.add_all([(0, 3)], threads=1)
        replies = Replies(swarm.node, swarm.directory, store)
        made = await replies.embed("encoder", texts)
        replies.close()
    for vector, text in zip(made.vectors, texts, strict=True):
        with torch.inference_mode():
            local = model(torch.tensor([tokenizer(text).input_ids]))[0][0].mean(dim=0)
        assert (torch.tensor(vector) - local).abs().max() <= 1e-5
