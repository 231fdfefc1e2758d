"""From a chat's messages to what the model reads: token ids, and what its processor makes of pictures."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from jinja2 import TemplateError
from torch import Tensor
from transformers import PreTrainedTokenizerBase, ProcessorMixin

from engine.api.completion_schema import CompletionRequest, ReplyRequest
from engine.api.demands import Demands
from engine.api.openai_schema import ChatMessage
from engine.api.sentences import said
from engine.errors import BadRequest, PromptTooLong
from engine.generate.fitting import count_left_out, without
from engine.generate.pictures import check_sizes, fingerprint, opened
from engine.generate.shell_models import ShellModel
from engine.weights.loading import first_line


@dataclass(frozen=True)
class Prompt:
    ids: list[int]
    # The ids, with numbers of the chat's pictures in the places that stand for pictures: two prompts that
    # begin with the same keys begin with the same text and pictures.
    keys: list[int]
    pictures: Mapping[str, Tensor] = field(default_factory=dict)  # what generate() takes beside the ids
    left_out: int = 0  # messages of the chat: see `engine.generate.fitting`


def read(shell: ShellModel, request: ReplyRequest) -> Prompt:
    """What a request gives the model to read. Raises PromptTooLong or BadRequest."""
    if isinstance(request, CompletionRequest):
        return read_text(shell, request.prompt[0])
    demands = request.potluck or Demands()
    read_chat = partial(read_prompt, shell, go_on=demands.go_on)
    if not demands.fit:
        return read_chat(request.messages)
    left_out = count_left_out(request.messages, shell.manifest.context, lambda kept: _length(read_chat, kept))
    return replace(read_chat(without(request.messages, left_out)), left_out=left_out)


def _length(read_chat: Callable[[Sequence[ChatMessage]], Prompt], messages: Sequence[ChatMessage]) -> int:
    try:
        return len(read_chat(messages).ids)
    except PromptTooLong as error:
        return error.prompt_tokens


def read_text(shell: ShellModel, text: str) -> Prompt:
    """A text to go on with, as the tokenizer begins one. Raises PromptTooLong or BadRequest."""
    ids = list(shell.tokenizer(text).input_ids)
    if not ids:
        raise BadRequest(said("The model's tokenizer makes nothing of this text: send another one."))
    _check_length(ids, shell.manifest.context)
    return Prompt(ids, ids)


def read_prompt(shell: ShellModel, messages: Sequence[ChatMessage], *, go_on: bool = False) -> Prompt:
    """The chat, ready for the assistant's turn, or for the rest of it: `go_on`. Raises PromptTooLong or
    BadRequest.
    """
    if go_on and messages[-1].role != "assistant":
        raise BadRequest(said("Only an assistant's message can be gone on with: let one be the last."))
    if shell.processor is not None and _reads_parts(shell.processor):
        return _with_pictures(shell, shell.processor, messages, go_on)
    if any(message.images for message in messages):
        raise shell.blind or BadRequest(
            said(
                "{model} has no chat template that says where pictures stand: leave them out.",
                model=shell.manifest.name,
            )
        )
    in_parts = shell.sees and _reads_parts(shell.tokenizer)
    ids = prompt_ids(shell.tokenizer, messages, shell.manifest.context, in_parts=in_parts, go_on=go_on)
    return Prompt(ids, ids)


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[ChatMessage],
    context: int,
    *,
    in_parts: bool = False,
    go_on: bool = False,
) -> list[int]:
    """The chat's text in the model's own template, which may want each turn `in_parts`.

    Raises as `read_prompt` does.
    """
    if tokenizer.chat_template:
        ids = _templated(tokenizer, [_turn(message, in_parts) for message in messages], go_on)
    else:
        ids = _plain(tokenizer, messages, go_on)
    _check_length(ids, context)
    return list(ids)


def _turn(message: ChatMessage, in_parts: bool) -> dict[str, Any]:
    return {"role": message.role, "content": _parts(message) if in_parts else message.content}


def _templated(tokenizer: PreTrainedTokenizerBase, turns: list[dict[str, Any]], go_on: bool) -> list[int]:
    try:
        return tokenizer.apply_chat_template(turns, **_ending(go_on), return_dict=False)
    except ValueError as error:  # its template does not show the text that is to be gone on with
        raise _refused(error) from error
    except TemplateError as error:  # many families refuse some orders of roles, or a system message
        raise _refused(error) from error


def _ending(go_on: bool) -> dict[str, bool]:
    return {"add_generation_prompt": not go_on, "continue_final_message": go_on}


def _plain(tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage], go_on: bool) -> list[int]:
    """For a base model that has no template: names before the turns."""
    turns = [f"{message.role.capitalize()}: {message.content}" for message in messages]
    return tokenizer("\n".join(turns if go_on else [*turns, "Assistant:"])).input_ids


def _check_length(ids: Sequence[int], context: int) -> None:
    if len(ids) >= context:
        raise PromptTooLong(len(ids), context)


def _refused(error: Exception) -> BadRequest:
    return BadRequest(
        said(
            "The model's chat template refuses this conversation ({error}): change the order of its turns.",
            error=error,
        )
    )


# --- with pictures


def _reads_parts(reader: PreTrainedTokenizerBase | ProcessorMixin) -> bool:
    """Whether its template takes a turn apart; else it may leave the text out, or print the parts as code."""
    text = "A text."
    turn = {"role": "user", "content": [{"type": "text", "text": text}]}
    try:
        rendered = reader.apply_chat_template([turn], tokenize=False)
    except Exception:  # templates fail in any way; having none is one
        return False
    return text in rendered and "'type'" not in rendered


def _with_pictures(
    shell: ShellModel, processor: ProcessorMixin, messages: Sequence[ChatMessage], go_on: bool
) -> Prompt:
    check_sizes(image for message in messages for image in message.images)
    turns = [_turn(message, in_parts=True) for message in messages]
    try:
        read = processor.apply_chat_template(
            turns, **_ending(go_on), tokenize=True, return_dict=True, return_tensors="pt"
        )
    except TemplateError as error:
        raise _refused(error) from error
    except Exception as error:  # a text that holds a picture's mark, a picture too thin, …
        raise BadRequest(
            said(
                "The model's processor cannot read this chat and its pictures: {reason}",
                reason=first_line(error),
            )
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
