"""What the plain local model answers: conversations, and for each turn exactly what a reply has to bring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedModel

from engine.api.openai_schema import ChatMessage, ChatRequest, FinishReason
from engine.generate.events import TextPiece
from engine.generate.prompt import read_prompt
from engine.generate.sampling import choice_of
from engine.generate.shell_models import ShellModel
from engine.generate.text import TextDecoder

NUDGE = 1e-3  # of scores; far above what the order of additions changes in float32


@dataclass(frozen=True)
class Turn:
    """What a user says, and how the answer's tokens are to be chosen."""

    text: str
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    top_p: float | None = None


@dataclass(frozen=True)
class Expected:
    """A request, and the one right answer to it."""

    request: ChatRequest
    tokens: tuple[int, ...]
    pieces: tuple[TextPiece, ...]
    reason: FinishReason


class ClearChoices(LogitsProcessor):
    """Chooses by `make()`'s processors. `clear` counts the first tokens that stay the same when their scores
    are nudged: sums of the same numbers in another order may differ, and no more is asked of a swarm.
    """

    def __init__(self, make: Callable[[], LogitsProcessorList]) -> None:
        self._own, self._up, self._down = make(), make(), make()
        self._noise = torch.Generator().manual_seed(0)
        self._seen = 0
        self.clear = 0

    def __call__(self, input_ids: torch.LongTensor, scores: Tensor) -> Tensor:
        noise = NUDGE * torch.randn(scores.shape, generator=self._noise)
        chosen = self._own(input_ids, scores.clone())
        nudged = self._up(input_ids, scores + noise), self._down(input_ids, scores - noise)
        if self.clear == self._seen and all(torch.equal(n.argmax(-1), chosen.argmax(-1)) for n in nudged):
            self.clear += 1
        self._seen += 1
        return chosen


def expected_answers(
    shell: ShellModel, whole: PreTrainedModel, turns: Sequence[Turn]
) -> tuple[Expected, ...]:
    """A conversation's turns, each with the answers before it in its prompt. It ends with the turn before one
    that has no clear answer.
    """
    messages: list[ChatMessage] = []
    answers: list[Expected] = []
    for turn in turns:
        messages.append(ChatMessage(role="user", content=turn.text))
        answer = _answered(shell, whole, tuple(messages), turn)
        if not answer.tokens:
            break
        answers.append(answer)
        said = "".join(piece.text for piece in answer.pieces)
        messages.append(ChatMessage(role="assistant", content=said))
    return tuple(answers)


def _answered(
    shell: ShellModel, whole: PreTrainedModel, messages: tuple[ChatMessage, ...], turn: Turn
) -> Expected:
    request = ChatRequest(
        model=shell.manifest.digest,
        messages=messages,
        max_tokens=turn.max_tokens,
        temperature=turn.temperature,
        top_p=turn.top_p,
        seed=turn.seed,
    )
    tokens = _local_tokens(shell, whole, request)
    ended = bool(tokens) and tokens[-1] in shell.stop_tokens
    asked = request.model_copy(update={"max_tokens": max(1, len(tokens))})
    return Expected(asked, tokens, pieces_of(shell, tokens), "stop" if ended else "length")


@torch.inference_mode()
def _local_tokens(shell: ShellModel, whole: PreTrainedModel, request: ChatRequest) -> tuple[int, ...]:
    """Made by transformers alone, as far as the choices are clear."""
    prompt = read_prompt(shell, request.messages).ids
    choices = ClearChoices(lambda: choice_of(request, shell.model.generation_config))
    ids = whole.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=request.token_limit,
        do_sample=False,
        eos_token_id=sorted(shell.stop_tokens) or None,
        pad_token_id=min(shell.stop_tokens, default=0),
        logits_processor=LogitsProcessorList([choices]),
    )
    return tuple(ids[0, len(prompt) :].tolist()[: choices.clear])


def pieces_of(shell: ShellModel, tokens: Sequence[int]) -> tuple[TextPiece, ...]:
    """The text of these tokens, cut as replies cut it."""
    decoder = TextDecoder(lambda ids: shell.tokenizer.decode(ids, skip_special_tokens=True))
    pieces = [TextPiece(decoder.push(token), n) for n, token in enumerate(tokens, start=1)]
    pieces.append(TextPiece(decoder.rest(), len(tokens)))
    return tuple(piece for piece in pieces if piece.text)
