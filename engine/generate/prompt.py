"""From a chat's messages to what the model reads: token ids, and what its processor makes of pictures."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import TemplateError
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from engine.api.schema import ChatMessage
from engine.errors import BadRequest, PromptTooLong
from engine.generate.pictures import fingerprint, opened
from engine.generate.shell_models import ShellModel
from engine.weights.loading import first_line


@dataclass(frozen=True)
class Prompt:
    ids: list[int]
    # The ids, with numbers of the chat's pictures in the places that stand for pictures: two prompts that
    # begin with the same keys begin with the same text and pictures.
    keys: list[int]
    pictures: Mapping[str, Tensor] = field(default_factory=dict)  # what generate() takes beside the ids


def read_prompt(shell: ShellModel, messages: Sequence[ChatMessage]) -> Prompt:
    """The chat, ready for the assistant's turn. Raises PromptTooLong or BadRequest."""
    if shell.sees and shell.processor.chat_template:
        return _with_pictures(shell, messages)
    if any(message.images for message in messages):
        raise BadRequest(
            f"{shell.manifest.name} has no chat template that says where pictures stand: leave them out."
        )
    ids = prompt_ids(shell.tokenizer, messages, shell.manifest.context)
    return Prompt(ids, ids)


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage], context: int
) -> list[int]:
    """The chat's text in the model's own template. Raises as `read_prompt` does."""
    read = _templated if tokenizer.chat_template else _plain
    ids = read(tokenizer, messages)
    _check_length(ids, context)
    return list(ids)


def _templated(tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage]) -> list[int]:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    try:
        return tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
    except TemplateError as error:  # many families refuse some orders of roles, or a system message
        raise _refused(error) from error


def _plain(tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage]) -> list[int]:
    """For a base model that has no template: names before the turns."""
    turns = [f"{message.role.capitalize()}: {message.content}" for message in messages]
    return tokenizer("\n".join([*turns, "Assistant:"])).input_ids


def _check_length(ids: Sequence[int], context: int) -> None:
    if len(ids) >= context:
        raise PromptTooLong(len(ids), context)


def _refused(error: TemplateError) -> BadRequest:
    return BadRequest(
        f"The model's chat template refuses this conversation ({error}): change the order of its turns."
    )


# --- with pictures


def _with_pictures(shell: ShellModel, messages: Sequence[ChatMessage]) -> Prompt:
    turns = [{"role": message.role, "content": _parts(message)} for message in messages]
    try:
        read = shell.processor.apply_chat_template(
            turns, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )
    except TemplateError as error:
        raise _refused(error) from error
    except Exception as error:  # a text that holds a picture's mark, a picture too thin, …
        raise BadRequest(
            f"The model's processor cannot read this chat and its pictures: {first_line(error)}"
        ) from error
    ids = read["input_ids"][0].tolist()
    _check_length(ids, shell.manifest.context)
    accepted = _accepted(shell)
    pictures = {name: value for name, value in read.items() if name in accepted}
    return Prompt(ids, _keys(shell, ids, messages), pictures)


def _parts(message: ChatMessage) -> list[dict[str, Any]]:
    return [
        {"type": "text", "text": part} if isinstance(part, str) else {"type": "image", "image": opened(part)}
        for part in message.parts
    ]


def _accepted(shell: ShellModel) -> set[str]:
    """Names of what generate() passes on to the model, apart from the ids and what they make plain."""
    takers = (shell.model.forward, shell.model.prepare_inputs_for_generation)
    names = {name for taker in takers for name in inspect.signature(taker).parameters}
    return names - {"input_ids", "attention_mask"}


def _keys(shell: ShellModel, ids: Sequence[int], messages: Sequence[ChatMessage]) -> list[int]:
    images = [image for message in messages for image in message.images]
    if not images:
        return list(ids)
    place = getattr(shell.model.config, "image_token_id", None)  # None: anything may stand for a picture
    number = fingerprint(images)
    return [-1 - (number ^ token) if place in (None, token) else token for token in ids]
