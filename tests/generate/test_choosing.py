"""How the next token is chosen, which held session a chat continues, and how a chat becomes a prompt."""

import threading
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import GenerationConfig, TopPLogitsWarper

from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.errors import PromptTooLong
from engine.generate.held_sessions import (
    FORK_TOKENS,
    HeldSession,
    HeldSessions,
    best_match,
    worth_forking,
)
from engine.generate.prefixes import common_prefix
from engine.generate.prompt import prompt_ids
from engine.generate.sampling import LikelyTokens, SeededChoice, choice_of, dice
from engine.precision import PRECISIONS
from tests.tiny_models import byte_tokenizer

GREEDY = GenerationConfig(do_sample=False)
SAMPLING = GenerationConfig(do_sample=True, temperature=0.7, top_k=0, top_p=1.0)


def request(**fields: Any) -> ChatRequest:
    return ChatRequest(model="tiny", messages=({"role": "user", "content": "Hi"},), **fields)


def chosen(scores: Tensor, count: int, own: GenerationConfig = GREEDY, **fields: Any) -> list[int]:
    """Tokens as `generate()` takes them: the largest score after the processors."""
    processors = choice_of(request(**fields), own)
    return [
        int(processors(torch.zeros(1, 1 + place, dtype=torch.long), scores.clone()).argmax())
        for place in range(count)
    ]


SCORES = torch.log(torch.tensor([[0.1, 0.2, 0.6, 0.1]]))


@pytest.mark.parametrize(
    ("own", "fields"),
    [
        (GREEDY, {}),
        (GREEDY, {"temperature": 0}),
        (GREEDY, {"top_p": 0.5}),
        (SAMPLING, {"temperature": 0}),
        (SAMPLING, {"temperature": 0, "seed": 1, "top_p": 0.9}),
    ],
)
def test_greedy_is_greedy(own: GenerationConfig, fields: dict[str, Any]) -> None:
    assert len(choice_of(request(**fields), own)) == 0
    assert chosen(SCORES, 20, own, **fields) == [2] * 20


@pytest.mark.parametrize(
    ("own", "fields", "expected"),
    [
        (GREEDY, {"temperature": 1}, [0.1, 0.2, 0.6, 0.1]),
        (GREEDY, {"temperature": 0.5}, [1 / 42, 4 / 42, 36 / 42, 1 / 42]),
        (GREEDY, {"temperature": 1, "top_p": 0.7}, [0, 0.25, 0.75, 0]),
        (GREEDY, {"temperature": 1, "top_p": 0.5}, [0, 0, 1, 0]),
        (SAMPLING, {"temperature": 1}, [0.1, 0.2, 0.6, 0.1]),
        (GenerationConfig(do_sample=True, temperature=1.0, top_k=2, top_p=1.0), {}, [0, 0.25, 0.75, 0]),
        (GenerationConfig(do_sample=True, temperature=1.0, top_k=0, top_p=0.5), {}, [0, 0, 1, 0]),
        (
            GenerationConfig(do_sample=True, temperature=1.0, top_k=0, top_p=0.5),
            {"top_p": 1},
            [0.1, 0.2, 0.6, 0.1],
        ),
        (
            GenerationConfig(do_sample=True, temperature=0.5, top_k=0, top_p=1.0),
            {},
            [1 / 42, 4 / 42, 36 / 42, 1 / 42],
        ),
    ],
)
def test_tokens_are_drawn_as_often_as_they_are_likely(
    own: GenerationConfig, fields: dict[str, Any], expected: list[float]
) -> None:
    drawn = torch.bincount(torch.tensor(chosen(SCORES, 2000, own, seed=1, **fields)), minlength=4) / 2000
    assert (drawn - torch.tensor(expected)).abs().max() < 0.05
    assert [share > 0 for share in drawn.tolist()] == [share > 0 for share in expected]


@pytest.mark.parametrize("peak", [0.1, 1.0, 9.0])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_the_likely_tokens_are_those_that_transformers_keeps(peak: float, share: float) -> None:
    scores = peak * torch.randn(1, 1000, generator=torch.Generator().manual_seed(7))
    ids = torch.zeros(1, 1, dtype=torch.long)
    assert torch.equal(LikelyTokens(share)(ids, scores), TopPLogitsWarper(share)(ids, scores))


def test_a_seed_says_which_tokens() -> None:
    flat = torch.zeros(1, 50)
    assert chosen(flat, 30, temperature=1, seed=5) == chosen(flat, 30, temperature=1, seed=5)
    assert chosen(flat, 30, temperature=1, seed=5) != chosen(flat, 30, temperature=1, seed=6)
    assert chosen(flat, 30, temperature=1) != chosen(flat, 30, temperature=1)


def test_a_seed_says_so_while_other_threads_draw() -> None:
    flat, stop = torch.zeros(1, 50), threading.Event()
    quiet = chosen(flat, 200, temperature=1, seed=5)

    def disturb() -> None:
        while not stop.is_set():
            torch.manual_seed(1)
            torch.rand(10)
            chosen(flat, 1, temperature=1, seed=5)

    before = torch.random.get_rng_state()
    other = threading.Thread(target=disturb)
    other.start()
    try:
        assert [chosen(flat, 200, temperature=1, seed=5) for _ in range(3)] == [quiet] * 3
    finally:
        stop.set()
        other.join()
        torch.random.set_rng_state(before)


@pytest.mark.parametrize("seed", [1, 2**63 + 5])
def test_a_token_throws_the_same_whoever_else_throws(seed: int) -> None:
    everyone, some = np.arange(1000), np.array([3, 500, 999])
    assert np.array_equal(dice(seed, everyone)[some], dice(seed, some))


def test_dice_fall_as_gumbel_s_law_has_it() -> None:
    thrown = np.concatenate([dice(seed, np.arange(1000)) for seed in range(100)])
    ranks = np.sort(np.exp(-np.exp(-thrown)))  # evenly between 0 and 1
    apart = np.abs(ranks - np.arange(len(ranks)) / len(ranks)).max()
    assert apart < 1.95 / len(ranks) ** 0.5  # Kolmogorov and Smirnov: one in a thousand is further apart


def test_places_and_tokens_throw_independently() -> None:
    table = np.array([dice(seed, np.arange(300)) for seed in range(300)])
    for shift in ((0, 1), (1, 0), (1, 1)):
        other = np.roll(table, shift, (0, 1))
        assert abs(np.corrcoef(table.ravel(), other.ravel())[0, 1]) < 4 / table.size**0.5


def test_the_race_tells_of_all_tokens_and_names_the_chosen_one() -> None:
    scores = torch.tensor([[0.1, float("-inf"), 0.3, 0.2]])
    choice, ids = SeededChoice(7), torch.zeros(1, 5, dtype=torch.long)
    race = choice.race(ids, scores)
    assert race[0, 1] == float("-inf")
    assert race.argmax() == choice(ids, scores).argmax()


# --- held sessions


@pytest.mark.parametrize(
    ("held", "tokens", "index"),
    [
        ([], [1, 2], None),
        ([[1, 2, 3]], [1, 2, 3, 4], 0),
        ([[1, 2, 3]], [1, 2, 3], 0),
        ([[1, 2, 3]], [1, 2], 0),  # an answer that is made again
        ([[1, 2, 3, 4]], [1, 2, 9], None),  # only a beginning in common
        ([[1, 2, 3, 4]], [1, 2, 3, 9], 0),  # the last turn was edited
        ([[5, 6]], [1, 2], None),
        ([[]], [1, 2], None),
        ([[1, 2], [1, 2, 3, 4]], [1, 2, 3, 4, 5], 1),
        ([[1, 2, 3, 4], [1, 2]], [1, 2, 3, 4, 5], 0),
        (
            [[1, 2, 3, 4, 5, 6, 7], [1, 2]],
            [1, 2, 9],
            1,
        ),  # shares all of the short one, little of the long one
    ],
)
def test_best_match(held: list[list[int]], tokens: list[int], index: int | None) -> None:
    assert best_match(held, tokens) == index


@given(st.lists(st.integers(0, 2), max_size=8), st.lists(st.integers(0, 2), max_size=8))
def test_common_prefix(a: list[int], b: list[int]) -> None:
    shared = common_prefix(a, b)
    assert a[:shared] == b[:shared]
    assert shared in (len(a), len(b)) or a[shared] != b[shared]


class Held:
    """What HeldSessions needs of a session."""

    def __init__(self) -> None:
        self.is_open = True
        self.closed = 0

    def close(self) -> None:
        self.is_open = False
        self.closed += 1


def held(model: str, tokens: list[int]) -> HeldSession:
    return HeldSession(model, Held(), tokens)


def test_a_chat_takes_its_own_session_once() -> None:
    sessions, mine = HeldSessions(), held("m", [1, 2, 3])
    sessions.put(held("m", [7, 8, 9]))
    sessions.put(mine)
    assert sessions.take("other", [1, 2, 3, 4]) is None
    assert sessions.take("m", [1, 2, 3, 4]) is mine
    assert sessions.take("m", [1, 2, 3, 4]) is None


def test_a_session_of_another_floor_is_not_taken() -> None:
    sessions, fine = HeldSessions(), HeldSession("m", Held(), [1, 2], floor="int8")
    sessions.put(fine)
    assert sessions.take("m", [1, 2, 3]) is None
    assert sessions.take("m", [1, 2, 3], "bfloat16") is None
    assert sessions.take("m", [1, 2, 3], "int8") is fine


def test_the_longest_unused_session_makes_room() -> None:
    sessions, all_held = HeldSessions(limit=2), [held("m", [n, n]) for n in range(3)]
    for one in all_held:
        sessions.put(one)
    assert [one.session.closed for one in all_held] == [1, 0, 0]
    assert sessions.take("m", [0, 0]) is None
    assert sessions.take("m", [2, 2, 5]) is all_held[2]


def test_branches_take_the_room_of_branches_only() -> None:
    """A chat whose answers are made again and again does not cost the others theirs."""
    sessions, others = HeldSessions(limit=2), [held("m", [8, 8]), held("m", [9, 9])]
    branches = [held("m", [1, 2, 3, n]) for n in range(5)]
    sessions.put(others[0])
    for branch in branches:
        sessions.put(branch)
    assert [branch.session.closed for branch in branches] == [1, 1, 0, 0, 0]  # two, and the last one
    sessions.put(others[1])
    assert others[0].session.closed == 1  # one of three chats
    assert [branch.session.closed for branch in branches] == [1, 1, 0, 0, 0]


SYSTEM = list(range(100, 100 + FORK_TOKENS))


@pytest.mark.parametrize(
    ("has", "tokens", "is_used", "shared"),
    [
        pytest.param([*SYSTEM, *[1] * 64], [*SYSTEM, 2], False, FORK_TOKENS, id="another chat"),
        pytest.param([*SYSTEM, 1], [*SYSTEM, 2], False, 0, id="hardly anything would be lost"),
        pytest.param([*SYSTEM, 1], [*SYSTEM, 2], True, FORK_TOKENS, id="somebody uses it"),
        pytest.param([*SYSTEM[1:], *[1] * 64], [*SYSTEM[1:], 2], False, 0, id="too little in common"),
        pytest.param([*SYSTEM, 1], [*SYSTEM, 1, 2], False, 0, id="its own next turn"),
        pytest.param([], [*SYSTEM], True, 0, id="nothing is known of it yet"),
    ],
)
def test_what_is_worth_forking(has: list[int], tokens: list[int], is_used: bool, shared: int) -> None:
    assert worth_forking(held("m", has), tokens, is_used) == shared


def test_the_longest_beginning_is_shared() -> None:
    sessions, used = HeldSessions(), held("m", [*SYSTEM, 1, 2])
    short, long = held("m", [*SYSTEM, *[5] * 90]), held("m", [*SYSTEM, *[6] * 90])
    sessions.put(short)
    sessions.put(long)
    assert sessions.to_fork("m", [*SYSTEM, 5, 5, 7], PRECISIONS[0]) == (short, FORK_TOKENS + 2)
    assert sessions.to_fork("m", [*SYSTEM, 1, 2, 3], PRECISIONS[0], [used]) == (used, FORK_TOKENS + 2)
    assert sessions.to_fork("m", [*SYSTEM, *[5] * 90, 8], PRECISIONS[0]) is None  # it goes on from there
    assert sessions.to_fork("other", [*SYSTEM, 5, 5, 7], PRECISIONS[0]) is None
    assert sessions.to_fork("m", [*SYSTEM, 5, 5, 7], "int8") is None
    short.session.is_open = long.session.is_open = False
    assert sessions.to_fork("m", [*SYSTEM, 5, 5, 7], PRECISIONS[0]) is None


def test_sessions_that_have_ended_are_not_held() -> None:
    sessions, lost, later = HeldSessions(), held("m", [1]), held("m", [2])
    lost.session.is_open = False
    sessions.put(lost)
    sessions.put(later)
    later.session.is_open = False
    assert sessions.take("m", [1, 2]) is None
    assert sessions.take("m", [2, 3]) is None
    assert lost.session.closed == 1  # it may have been about to open


def test_closing_closes_all_that_rest() -> None:
    sessions, all_held = HeldSessions(), [held("m", [n]) for n in range(3)]
    for one in all_held:
        sessions.put(one)
    sessions.close()
    assert [one.session.closed for one in all_held] == [1, 1, 1]
    assert sessions.take("m", [1, 2]) is None


# --- prompts

CHAT = (ChatMessage(role="system", content="Be kind."), ChatMessage(role="user", content="Grüß dich 🎉"))


def test_a_chat_is_written_in_the_model_s_own_template() -> None:
    tokenizer = byte_tokenizer()
    ids = prompt_ids(tokenizer, CHAT, 1000)
    assert tokenizer.decode(ids) == "s:Be kind.\nu:Grüß dich 🎉\na:"


def test_a_base_model_gets_names_before_the_turns() -> None:
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = None
    ids = prompt_ids(tokenizer, CHAT, 1000)
    assert tokenizer.decode(ids) == "System: Be kind.\nUser: Grüß dich 🎉\nAssistant:"


def test_a_prompt_leaves_room_for_an_answer() -> None:
    tokenizer = byte_tokenizer()
    length = len(prompt_ids(tokenizer, CHAT, 1000))
    assert len(prompt_ids(tokenizer, CHAT, length + 1)) == length
    with pytest.raises(PromptTooLong, match=f"is {length} tokens long, but the model reads at most {length}"):
        prompt_ids(tokenizer, CHAT, length)
