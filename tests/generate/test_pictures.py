"""Chats about pictures through servers in this process: the local model's text, turn by turn."""

import asyncio
import io
import json
import shutil
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from engine.api.content import ChatImage
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.errors import BadRequest, UnsupportedModel
from engine.generate import pictures
from engine.generate.events import Finished
from engine.generate.replies import Replies
from engine.weights.imports.importing import import_from, import_model
from engine.weights.store.layer_store import LayerStore
from tests.generate.seeing_chats import (
    SeeingChat,
    in_older_files,
    seeing_chat,
    shown,
    with_text_template,
    without_template,
)
from tests.in_memory_swarm import IMPATIENT, MemorySwarm
from tests.model.picture_models import FAMILIES, LAYERED, N_LAYERS, PICTURE, drawing
from tests.tiny_models import byte_tokenizer, chat_model

NEW_TOKENS = 10
SETTINGS = replace(IMPATIENT, chunk_tokens=16)
LLAVA = {"patch_size": 14, "vision_feature_select_strategy": "default", "num_additional_image_tokens": 1}
SEERS: dict[str, Callable[[Path], SeeingChat]] = {
    "llava": lambda folder: seeing_chat(FAMILIES["llava"], "LlavaProcessor", folder, **LLAVA),
    "qwen2_vl": lambda folder: seeing_chat(FAMILIES["qwen2_vl"], "Qwen2VLProcessor", folder),
    "gemma3": lambda folder: seeing_chat(FAMILIES["gemma3"], "Gemma3Processor", folder, image_seq_length=4),
    "layered": lambda folder: seeing_chat(LAYERED, "Qwen3VLProcessor", folder),
}
ABOUT = "What is to be seen here?"


@pytest.fixture(scope="module")
def seer(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], SeeingChat]:
    made: dict[str, SeeingChat] = {}

    def get(family: str) -> SeeingChat:
        if family not in made:
            made[family] = SEERS[family](tmp_path_factory.mktemp(family))
        return made[family]

    return get


@asynccontextmanager
async def replies_of(chat: SeeingChat) -> AsyncIterator[Replies]:
    """Through two servers."""
    async with MemorySwarm() as swarm:
        for start, end in ((0, 2), (2, N_LAYERS)):
            swarm.add(chat.model, start, end, digest=chat.manifest.digest, context=1024)
        replies = Replies(swarm, swarm, chat.store, SETTINGS)
        yield replies
        replies.close()
        await swarm.settled()


async def answer(replies: Replies, *turns: ChatMessage) -> tuple[str, Finished]:
    request = ChatRequest(model="seer", messages=turns, max_tokens=NEW_TOKENS, temperature=0)
    texts: list[str] = []
    async with aclosing(replies.reply(request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return "".join(texts), event
            texts.append(event.text)
    raise AssertionError("the answer has no end")


def said(text: str, role: str = "user") -> ChatMessage:
    return ChatMessage(role=role, content=text)


@pytest.mark.parametrize("family", ["llava", "qwen2_vl", "gemma3"])
async def test_a_chat_about_a_picture_goes_on(family: str, seer: Callable[[str], SeeingChat]) -> None:
    chat = seer(family)
    first = [shown(drawing(), ABOUT)]
    async with replies_of(chat) as replies:
        text, end = await answer(replies, *first)
        assert text == chat.local(first, NEW_TOKENS)
        assert (end.report.reused_prompt_tokens, end.prompt_tokens) == (0, len(chat.read(first).ids))
        assert text != chat.local([said(ABOUT)], NEW_TOKENS)

        second = [*first, said(text, "assistant"), said("And why?")]
        again, end = await answer(replies, *second)
        assert again == chat.local(second, NEW_TOKENS)
        # All but the last token of the answer, which was never sent: the picture among them.
        assert end.report.reused_prompt_tokens == len(chat.read(first).ids) + NEW_TOKENS - 1


@pytest.mark.parametrize("family", ["llava", "qwen2_vl", "gemma3"])
async def test_another_picture_is_another_chat(family: str, seer: Callable[[str], SeeingChat]) -> None:
    chat = seer(family)
    red, yellow = [shown(drawing(), ABOUT)], [shown(drawing("yellow"), ABOUT)]
    assert chat.read(red).ids == chat.read(yellow).ids
    async with replies_of(chat) as replies:
        await answer(replies, *red)
        text, end = await answer(replies, *yellow)
        assert text == chat.local(yellow, NEW_TOKENS)
        assert end.report.reused_prompt_tokens == 0
        same, end = await answer(replies, *yellow)
        assert same == text
        assert end.report.reused_prompt_tokens == len(chat.read(yellow).ids) - 1


async def test_chats_at_once_keep_their_own_positions(seer: Callable[[str], SeeingChat]) -> None:
    """These models note on themselves how far a picture shifts the positions behind it."""
    chat = seer("qwen2_vl")
    chats = [[shown(drawing().resize((30 * n, 30)), f"{ABOUT} ({n})")] for n in range(1, 5)]
    assert len({chat.read(turns).ids.count(PICTURE) for turns in chats}) > 2
    async with replies_of(chat) as replies:
        results = await asyncio.gather(*(answer(replies, *turns) for turns in chats))
    assert [text for text, _ in results] == [chat.local(turns, NEW_TOKENS) for turns in chats]


@pytest.mark.parametrize("family", ["qwen2_vl", "gemma3", "layered"])
async def test_a_model_that_sees_reads_text_alone_as_well(
    family: str, seer: Callable[[str], SeeingChat]
) -> None:
    chat = seer(family)
    turns = [said("Hello, who are you?")]
    async with replies_of(chat) as replies:
        text, _ = await answer(replies, *turns)
        assert text == chat.local(turns, NEW_TOKENS)
        _, end = await answer(replies, *turns)
        assert end.report.reused_prompt_tokens == len(chat.read(turns).ids) - 1


# --- what does not go


async def test_a_picture_that_the_layers_need_otherwise_is_refused(
    seer: Callable[[str], SeeingChat],
) -> None:
    async with replies_of(seer("layered")) as replies:
        with pytest.raises(UnsupportedModel, match="it can be asked about text only"):
            await answer(replies, shown(drawing(), ABOUT))


async def test_a_model_that_reads_text_only_says_so(tmp_path: Path) -> None:
    store, tokenizer = LayerStore(tmp_path), byte_tokenizer()
    import_model(chat_model(tokenizer), tokenizer, "seer", store)
    async with MemorySwarm() as swarm:
        with pytest.raises(BadRequest, match="seer reads text only: leave the pictures out"):
            await answer(Replies(swarm, swarm, store, SETTINGS), shown(drawing(), ABOUT))


async def test_a_damaged_picture_is_refused(seer: Callable[[str], SeeingChat]) -> None:
    whole = shown(drawing(), ABOUT)
    image = whole.images[0]
    broken = ChatImage(format=image.format, data=image.data[:40], at=0)
    async with replies_of(seer("llava")) as replies:
        with pytest.raises(BadRequest, match="A picture cannot be read"):
            await answer(replies, whole.model_copy(update={"images": (broken,)}))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000_000)
    [image] = shown(Image.new("1", (1000, 1001)), ABOUT).images
    with pytest.raises(BadRequest, match="has 1000 × 1001 pixels: send one of at most 1 million"):
        pictures.opened(image)


def test_a_picture_whose_head_promises_a_flood_of_pixels() -> None:
    file = io.BytesIO()
    Image.new("1", (10, 10)).save(file, "PNG")
    head = file.getvalue()[:16] + struct.pack(">II", 30_000, 30_000) + file.getvalue()[24:29]
    data = head + struct.pack(">I", zlib.crc32(head[12:])) + file.getvalue()[33:]
    with pytest.raises(BadRequest, match="far too many pixels: send one of at most 40 million"):
        pictures.opened(ChatImage(format="png", data=data, at=0))


def test_pictures_that_are_too_large_together_are_not_read(
    seer: Callable[[str], SeeingChat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS_IN_ALL", 1_000_000)
    chat = seer("llava")
    small, large = shown(drawing(), ABOUT), shown(Image.new("1", (1000, 999)), ABOUT)
    chat.read([small])
    with pytest.raises(BadRequest, match="1 million pixels together: send smaller or fewer ones"):
        chat.read([small, ChatMessage(role="assistant", content="A dot."), large])


def test_a_picture_is_turned_the_right_way_up() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: the camera was held sideways
    file = io.BytesIO()
    Image.new("RGB", (30, 20)).save(file, "JPEG", exif=turned)
    assert pictures.opened(ChatImage(format="jpeg", data=file.getvalue(), at=0)).size == (20, 30)


def changed(
    seer: Callable[[str], SeeingChat], family: str, tmp_path: Path, change: Callable[[Path], None]
) -> SeeingChat:
    """The same model imported anew from changed files."""
    chat = seer(family)
    source = tmp_path / "source"
    shutil.copytree(chat.store.root.parent / "source", source)
    change(source)
    store = LayerStore(tmp_path / "layers")
    return SeeingChat(chat.model, store, import_from(str(source), store, "seer"))


@pytest.mark.parametrize("family", ["llava", "qwen2_vl", "gemma3"])
def test_processors_in_older_files_read_the_same(
    family: str, seer: Callable[[str], SeeingChat], tmp_path: Path
) -> None:
    turns = [shown(drawing(), ABOUT)]
    older = changed(seer, family, tmp_path, in_older_files)
    assert "preprocessor_config.json" in older.manifest.files
    assert older.read(turns).ids == seer(family).read(turns).ids


def test_a_template_for_text_alone_gets_text_alone(seer: Callable[[str], SeeingChat], tmp_path: Path) -> None:
    """Others print what they are given, or join it, which does not go with a list of parts."""
    plain = changed(seer, "llava", tmp_path, with_text_template)
    assert plain.shell.tokenizer.decode(plain.read([said("Hello")]).ids) == "u:Hello\na:"
    with pytest.raises(BadRequest, match="has no chat template that says where pictures stand"):
        plain.read([shown(drawing(), ABOUT)])


def test_a_model_without_a_chat_template_takes_no_pictures(
    seer: Callable[[str], SeeingChat], tmp_path: Path
) -> None:
    plain = changed(seer, "llava", tmp_path, without_template)
    with pytest.raises(BadRequest, match="has no chat template that says where pictures stand"):
        plain.read([shown(drawing(), ABOUT)])
    assert PICTURE not in plain.read([said("Hello")]).ids


def test_a_model_whose_processor_cannot_be_had_still_reads_text(
    seer: Callable[[str], SeeingChat], tmp_path: Path
) -> None:
    def break_it(source: Path) -> None:
        told = json.loads((source / "processor_config.json").read_text())
        told["image_processor"] = {"image_processor_type": "NoSuchProcessor"}
        (source / "processor_config.json").write_text(json.dumps(told))

    blind = changed(seer, "llava", tmp_path, break_it)
    assert blind.read([said("Hello")]).ids == seer("llava").read([said("Hello")]).ids
    with pytest.raises(UnsupportedModel, match=r"seer cannot see pictures here .*leave them out"):
        blind.read([shown(drawing(), ABOUT)])


def test_prompts_tell_their_pictures_apart(seer: Callable[[str], SeeingChat]) -> None:
    chat = seer("llava")
    prompts = [chat.read([shown(drawing(colour), ABOUT)]) for colour in ("red", "red", "yellow")]
    assert prompts[0].keys == prompts[1].keys != prompts[2].keys
    places = [at for at, token in enumerate(prompts[0].ids) if token == PICTURE]
    assert [at for at, key in enumerate(prompts[0].keys) if key < 0] == places
    apart: Sequence[int] = [
        at for at, keys in enumerate(zip(*(p.keys for p in prompts[1:]), strict=True)) if len({*keys}) == 2
    ]
    assert apart == places
