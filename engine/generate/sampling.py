"""How the next token is chosen: the request's words in transformers' own terms."""

import secrets
from hashlib import blake2b

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from engine.api.openai_schema import AnswerRequest

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT = np.uint64(31)
_UNUSED_BITS = np.uint64(12)  # of 64: with half of one more, the others fit a float64


class SeededChoice(LogitsProcessor):
    """Draws the token with dice of its own and leaves nothing else to choose.

    transformers draws from torch's global generator, which the other answers of this process advance as well;
    with dice of its own, a seed means the same tokens whatever else is going on. How they fall follows from
    the seed and the place in the text alone, so that a draft model can throw them beforehand.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        tokens, times = self._run(input_ids, scores)
        chosen = tokens[times.argmax(dim=-1, keepdim=True)]
        return torch.full_like(scores, float("-inf")).scatter_(-1, chosen, 0.0)

    def race(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Each token runs a race that it wins as often as it is likely: Gumbel's way to draw."""
        tokens, times = self._run(input_ids, scores)
        return scores.index_copy(-1, tokens, times)

    def _run(self, input_ids: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens that are left to choose from, `[tokens]`, and how they do, `[1, tokens]`."""
        left = np.flatnonzero(scores[0].numpy() > -np.inf)
        digest = blake2b(f"{self._seed} {input_ids.shape[-1]}".encode(), digest_size=8).digest()
        tokens, luck = torch.from_numpy(left), torch.from_numpy(dice(int.from_bytes(digest), left))
        return tokens, scores[:, tokens] + luck.to(scores.dtype)


def dice(seed: int, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
    """What each of these tokens throws: numbers as Gumbel's law has them, the same whoever else throws.

    Only for tokens that are left to choose from: a die for each of 150,000 takes longer than all else that
    sampling does. The generator is SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
    number generators", figure 17), asked for the number of each token's place.
    """
    bits = tokens.astype(np.uint64) * _GAMMA + np.uint64(seed)
    for shift, factor in _MIX:
        bits = (bits ^ (bits >> shift)) * factor
    bits ^= bits >> _LAST_SHIFT
    evenly = ((bits >> _UNUSED_BITS).astype(np.float64) + 0.5) * 2.0**-52
    luck: NDArray[np.float64] = -np.log(-np.log(evenly))
    return luck


def contest(choice: LogitsProcessorList, input_ids: Tensor, scores: Tensor) -> Tensor:
    """What the choice goes by: the token with the largest number is taken, the next one nearly was."""
    for processor in choice:
        decides = isinstance(processor, SeededChoice)
        scores = processor.race(input_ids, scores) if decides else processor(input_ids, scores)
    return scores


class LikelyTokens(LogitsProcessor):
    """Leaves the fewest tokens that together are as likely as `share`.

    As transformers' TopPLogitsWarper does it, which sorts the whole vocabulary; that takes longer than
    the head.
    """

    AT_FIRST = 256  # tokens that are looked at; all, if these are not enough

    def __init__(self, share: float) -> None:
        self._share = share
        self._thorough = TopPLogitsWarper(share)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        likely, tokens = scores.softmax(dim=-1).topk(min(self.AT_FIRST, scores.shape[-1]))
        before = likely.cumsum(dim=-1) - likely
        if not bool((before[:, -1] >= self._share).all()):
            return self._thorough(input_ids, scores)
        kept = scores.gather(-1, tokens).masked_fill_(before >= self._share, float("-inf"))
        return torch.full_like(scores, float("-inf")).scatter_(-1, tokens, kept)


def choice_of(request: AnswerRequest, own: GenerationConfig) -> LogitsProcessorList:
    """Processors after which the largest score is the token. Empty: greedy.

    What the request leaves open is as the model's own generation config says.
    """
    temperature = request.temperature
    if temperature is None:
        temperature = (own.temperature or 1.0) if own.do_sample else 0.0
    if temperature == 0:
        return LogitsProcessorList()
    processors = LogitsProcessorList([TemperatureLogitsWarper(float(temperature))])
    if own.do_sample and own.top_k:
        processors.append(TopKLogitsWarper(own.top_k))
    top_p = request.top_p if request.top_p is not None else (own.top_p if own.do_sample else None)
    if top_p is not None and top_p < 1:
        processors.append(LikelyTokens(top_p))
    seed = request.seed if request.seed is not None else secrets.randbits(63)
    processors.append(SeededChoice(seed))
    return processors
