"""From a chat's messages to the token ids that the model reads."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from engine.api.schema import ChatMessage
from engine.errors import PromptTooLong


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[ChatMessage], context: int
) -> list[int]:
    """The chat in the model's own template, ready for the assistant's turn. Raises PromptTooLong."""
    if tokenizer.chat_template:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        ids = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
    else:
        ids = tokenizer(_plain(messages)).input_ids
    if len(ids) >= context:
        raise PromptTooLong(len(ids), context)
    return list(ids)


def _plain(messages: Sequence[ChatMessage]) -> str:
    """For a base model that has no template: names before the turns."""
    turns = [f"{message.role.capitalize()}: {message.content}" for message in messages]
    return "\n".join([*turns, "Assistant:"])
