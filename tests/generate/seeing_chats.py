"""Tiny models that chat about pictures: in a store with their processors, and as they are."""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
import transformers as hf
from PIL import Image
from transformers import PreTrainedModel, PreTrainedTokenizerFast, ProcessorMixin

from engine.api.openai_schema import ChatMessage
from engine.generate.processors import for_stills
from engine.generate.prompt import Prompt, read_prompt
from engine.generate.shell_models import ShellModel, load_shell
from engine.weights.imports.importing import import_from
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.model.picture_models import PICTURE, PictureFamily, tiny_seer
from tests.tiny_models import byte_tokenizer

_PLACE = "<|begin|><|picture|><|end|>"
_TEMPLATE = (
    "{% for message in messages %}{{ message.role[0] }}:{% for part in message.content %}"
    f"{{% if part.type == 'image' %}}{_PLACE}{{% else %}}{{{{ part.text }}}}{{% endif %}}"
    "{% endfor %}\n{% endfor %}{% if add_generation_prompt %}a:{% endif %}"
)
_NAMED = {"image_token": "<|picture|>", "video_token": "<|video|>", "boi_token": "<|begin|>"}


@dataclass(frozen=True)
class SeeingChat:
    """A model that chats about pictures, in a store and as it is."""

    model: PreTrainedModel
    store: LayerStore
    manifest: Manifest

    @cached_property
    def shell(self) -> ShellModel:
        return load_shell(self.manifest, self.store)

    def read(self, turns: Sequence[ChatMessage]) -> Prompt:
        return read_prompt(self.shell, turns)

    @torch.inference_mode()
    def local(self, turns: Sequence[ChatMessage], count: int) -> str:
        """What the plain local model says."""
        prompt = self.read(turns)
        ids = torch.tensor([prompt.ids])
        out = self.model.generate(
            ids,
            **prompt.pictures,
            max_new_tokens=count,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        return self.shell.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)


def seeing_chat(family: PictureFamily, processor: str, folder: Path, **settings: object) -> SeeingChat:
    """Imported from a folder, as from anywhere else; `processor` is the class that reads a chat."""
    tokenizer = _tokenizer()
    model = _printing(tiny_seer(family), tokenizer)
    source = folder / "source"
    model.save_pretrained(source)
    _processor(family, processor, tokenizer, settings).save_pretrained(source)
    store = LayerStore(folder / "layers")
    return SeeingChat(model, store, import_from(str(source), store, "seer"))


def without_template(source: Path) -> None:
    """Make the model in the folder one that was never taught to chat."""
    (source / "chat_template.jinja").unlink()


def with_text_template(source: Path) -> None:
    """Make it one that was taught to chat before it learned to see."""
    (source / "chat_template.jinja").write_text(
        "{% for message in messages %}{{ message.role[0] }}:{{ message.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}a:{% endif %}"
    )


def in_older_files(source: Path) -> None:
    """The same processor in files as older repositories have them."""
    told = json.loads((source / "processor_config.json").read_text())
    pictures = told.pop("image_processor")
    (source / "preprocessor_config.json").write_text(
        json.dumps({**pictures, "processor_class": told["processor_class"]})
    )
    (source / "processor_config.json").write_text(json.dumps(told))
    template = (source / "chat_template.jinja").read_text()
    (source / "chat_template.jinja").unlink()
    (source / "chat_template.json").write_text(json.dumps({"chat_template": template}))


def shown(picture: Image.Image, question: str) -> ChatMessage:
    """A user's turn, as it comes through the API."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    image, text = {"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}
    return ChatMessage.model_validate({"role": "user", "content": [image, text]})


def _tokenizer() -> PreTrainedTokenizerFast:
    """Bytes, and places for pictures where the tiny models' configs have them."""
    plain = byte_tokenizer()
    unused = [f"<|unused{number}|>" for number in range(len(plain), PICTURE)]
    plain.add_tokens([*unused, "<|picture|>", "<|video|>", "<|begin|>", "<|end|>"], special_tokens=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=plain.backend_tokenizer,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        extra_special_tokens={**_NAMED, "eoi_token": "<|end|>"},
    )


def _processor(
    family: PictureFamily, name: str, tokenizer: PreTrainedTokenizerFast, settings: dict[str, object]
) -> ProcessorMixin:
    pictures = getattr(hf, family.processor)(**family.settings)
    template = _TEMPLATE.replace(_PLACE, "<|begin|>") if name == "Gemma3Processor" else _TEMPLATE
    return for_stills(getattr(hf, name))(pictures, tokenizer, chat_template=template, **settings)


def _printing(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """Answers with printable ASCII, so that its text has the same tokens when it is read again."""
    head = model.get_output_embeddings()
    head.weight = torch.nn.Parameter(head.weight.detach().clone(), requires_grad=False)
    printable = set(tokenizer("".join(map(chr, range(32, 127)))).input_ids)
    for token in set(range(len(head.weight))) - printable:
        head.weight[token] = 0
    model.config.tie_word_embeddings = False
    return model
