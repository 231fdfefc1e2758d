"""What is asked: prompts of a wanted length, no two alike."""

from engine.api.openai_schema import ChatMessage
from engine.generate.prompt import prompt_ids
from engine.generate.shell_models import ShellModel

STORY = "Write a long story about a pot of soup that travels around the world."
TEXT = (
    "A pot of soup set out to travel around the world. In the first village it met a baker, who gave it "
    "bread. In the second village it met a farmer, who gave it carrots and two onions. At the sea it met a "
    "fisherman, who wanted to know what was in it, and the pot said that everybody had brought something."
)
REWRITING = f"Repeat this text word by word:\n\n{TEXT}"


def chat(shell: ShellModel, text: str) -> list[int]:
    messages = [ChatMessage(role="user", content=text)]
    return prompt_ids(shell.tokenizer, messages, shell.manifest.context)


def story(shell: ShellModel, number: int) -> list[int]:
    """The prompt of one of many streams."""
    return chat(shell, f"{STORY} It visits {number + 3} countries.")


def of_length(shell: ShellModel, tokens: int, number: int = 0) -> list[int]:
    """A text of so many tokens, from another place on for each number."""
    ids = list(shell.tokenizer(TEXT).input_ids)
    repeated = ids * (tokens // len(ids) + 2)
    start = number % len(ids)
    return repeated[start : start + tokens]
