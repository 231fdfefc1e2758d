"""From a chat's messages to the token ids that the model reads."""

from collections.abc import Sequence

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from engine.api.schema import ChatMessage
from engine.errors import BadRequest, PromptTooLong


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage], context: int
) -> list[int]:
    """The chat in the model's own template, ready for the assistant's turn.

    Raises PromptTooLong; BadRequest if the template refuses the chat.
    """
    read = _templated if tokenizer.chat_template else _plain
    ids = read(tokenizer, messages)
    if len(ids) >= context:
        raise PromptTooLong(len(ids), context)
    return list(ids)


def _templated(tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage]) -> list[int]:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    try:
        return tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
    except TemplateError as error:  # many families refuse some orders of roles, or a system message
        raise BadRequest(
            f"The model's chat template refuses this conversation ({error}): change the order of its turns."
        ) from error


def _plain(tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage]) -> list[int]:
    """For a base model that has no template: names before the turns."""
    turns = [f"{message.role.capitalize()}: {message.content}" for message in messages]
    return tokenizer("\n".join([*turns, "Assistant:"])).input_ids
