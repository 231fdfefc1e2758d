"""Sessions of different lengths share forwards as if each were alone; the cache is lent and taken back."""

import asyncio
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from engine.host.budget import BLOCK_TOKENS, NoRoom
from engine.host.kv_cache import SessionCache
from engine.host.masks import shared_length
from engine.host.runner import Forward, SpanRunner
from engine.model.masks import MaskBuilder, mask_forms
from tests.in_memory_swarm import IMPATIENT, MemorySwarm
from tests.tiny_models import CONFIGS, CONTEXT, N_LAYERS, runner_of, some_states, tiny_model
from tests.whole_model import WholeModel

ALL = (0, N_LAYERS)
ALONE = {"bloom"}  # builds its positions from a mask of its own kind: its sessions run one by one
LENGTHS = (3, 9, 14, 70)  # below and beyond a sliding window, and beyond a block's border
TOLERANCE = 1e-5


class Talk:
    """One session with a runner: a prompt, then steps that are its own."""

    def __init__(self, runner: SpanRunner, seed: int) -> None:
        self.runner, self.seed = runner, seed
        self.session = SessionCache()

    def states(self, tokens: int) -> Tensor:
        return some_states(tokens, seed=1000 * self.seed + self.session.length)

    def next(self, tokens: int) -> Forward:
        self.runner.reserve(self.session, self.session.length, tokens)
        return Forward(self.session, self.states(tokens))

    def run(self, tokens: int) -> Tensor:
        return self.runner.run([self.next(tokens)], ALL)[0]


def talks(runner: SpanRunner) -> list[Talk]:
    made = [Talk(runner, seed) for seed in range(len(LENGTHS))]
    for talk, length in zip(made, LENGTHS, strict=True):
        talk.run(length)
    return made


def all_steps_alone(runner: SpanRunner, steps: int) -> list[list[Tensor]]:
    return [[talk.run(1) for _ in range(steps)] for talk in talks(runner)]


@pytest.mark.parametrize("family", CONFIGS)
def test_shared_forwards_give_each_session_what_it_gets_alone(family: str) -> None:
    model = tiny_model(family)
    runner = runner_of(model)
    assert runner.batches_sessions == (family not in ALONE)
    if runner.batches_sessions:
        alone = all_steps_alone(runner_of(model), steps=4)
        together = talks(runner)
        for step in range(4):
            outputs = runner.run([talk.next(1) for talk in together], ALL)
            for output, expected in zip(outputs, alone, strict=True):
                assert (output - expected[step]).abs().max() <= TOLERANCE


@pytest.mark.parametrize("family", ["llama", "mistral", "gemma2", "qwen3", "gpt2", "mpt"])
def test_sessions_whose_blocks_do_not_follow_each_other(family: str) -> None:
    model = tiny_model(family)
    runner = runner_of(model, cache_tokens=6 * BLOCK_TOKENS)
    first, second, between = (Talk(runner, seed) for seed in (1, 2, 3))
    first.run(40), second.run(40), between.run(100)
    first.run(40), second.run(40)
    assert not first.session.table.consecutive
    assert not second.session.table.consecutive
    undisturbed = [Talk(runner_of(model), seed) for seed in (1, 2)]
    for talk in undisturbed:
        talk.run(40), talk.run(40)
    expected = [[talk.run(1) for _ in range(2)] for talk in undisturbed]
    outputs = runner.run([first.next(1), second.next(1)], ALL)
    alone = [first.run(1), second.run(1)]
    for output, again, (one, two) in zip(outputs, alone, expected, strict=True):
        assert (output - one).abs().max() <= TOLERANCE
        assert (again - two).abs().max() <= TOLERANCE


def test_blocks_in_any_order_are_read_in_the_session_s_order() -> None:
    model = tiny_model()
    runner = runner_of(model, cache_tokens=6 * BLOCK_TOKENS)
    talk, plain = Talk(runner, 1), Talk(runner_of(model), 1)
    talk.session.table.blocks[:] = [3, 0, 5]
    runner.budget._free -= {0, 3, 5}
    for tokens in (64, 64, 20, 1):
        assert (talk.run(tokens) - plain.run(tokens)).abs().max() <= TOLERANCE


def test_many_sessions_of_one_length_share_a_forward_too() -> None:
    runner = runner_of(tiny_model())
    made = [Talk(runner, seed) for seed in range(12)]
    alone = [Talk(runner_of(tiny_model()), seed) for seed in range(12)]
    for talk in (*made, *alone):
        talk.run(5)
    outputs = runner.run([talk.next(1) for talk in made], ALL)
    for output, talk in zip(outputs, alone, strict=True):
        assert (output - talk.run(1)).abs().max() <= TOLERANCE


def test_a_span_that_runs_alone_says_so_instead_of_answering_wrongly() -> None:
    runner = runner_of(tiny_model("bloom"))
    pair = [Talk(runner, 1).next(1), Talk(runner, 2).next(1)]
    with pytest.raises(ValueError, match="one at a time"):
        runner.run(pair, ALL)


# --- rollback and room


@pytest.mark.parametrize("family", ["llama", "mistral", "gemma3_text", "bloom"])
def test_a_step_at_an_earlier_position_forgets_what_came_after(family: str) -> None:
    runner = runner_of(tiny_model(family))
    session, straight = SessionCache(), SessionCache()
    kept, regretted, instead = some_states(9, seed=1), some_states(5, seed=2), some_states(3, seed=3)
    for states, at in ((kept, 0), (regretted, 9)):
        runner.reserve(session, at, len(states))
        runner.run([Forward(session, states)], ALL)
    runner.reserve(session, 9, 3)
    [after] = runner.run([Forward(session, instead)], ALL)
    runner.reserve(straight, 0, 12)
    [whole] = runner.run([Forward(straight, torch.cat([kept, instead]))], ALL)
    assert session.length == 12
    assert (after - whole[9:]).abs().max() <= TOLERANCE


def test_a_full_cache_refuses_and_changes_nothing() -> None:
    runner = runner_of(tiny_model(), cache_tokens=3 * BLOCK_TOKENS)
    first, second = Talk(runner, 1), Talk(runner, 2)
    first.run(100)
    second.run(60)
    assert runner.free_tokens == 0
    with pytest.raises(NoRoom):
        runner.reserve(second.session, 60, 5)
    assert (second.session.length, len(second.session.table.blocks)) == (60, 1)
    expected = Talk(runner_of(tiny_model()), 2)
    expected.run(60)
    assert (second.run(4) - expected.run(4)).abs().max() <= TOLERANCE


def test_cropped_and_released_sessions_give_their_blocks_back() -> None:
    runner = runner_of(tiny_model(), cache_tokens=4 * BLOCK_TOKENS)
    talk = Talk(runner, 1)
    talk.run(200)
    assert runner.cache_used_bytes == runner.cache_budget_bytes == 4 * BLOCK_TOKENS * runner.bytes_per_token
    runner.reserve(talk.session, 60, 1)
    assert (talk.session.length, runner.free_tokens) == (60, 3 * BLOCK_TOKENS)
    runner.release(talk.session)
    assert (talk.session.length, runner.free_tokens) == (0, runner.budget_tokens)


# --- masks


def test_masks_let_each_row_see_its_own_past() -> None:
    masks = MaskBuilder(LlamaConfig(), "plain")
    mask = masks.for_rows([1, 3], torch.float32, torch.device("cpu"))
    seen = (mask[:, 0, 0] == 0).int().tolist()
    assert seen == [[1, 1, 0, 0], [1, 1, 1, 1]]


def test_masks_by_kind_bound_sliding_layers_only() -> None:
    masks = MaskBuilder(CONFIGS["gemma2"](), "by_kind")  # a window of six
    built = masks.for_rows([2, 9], torch.float32, torch.device("cpu"))
    assert {kind: (mask[1, 0, 0] == 0).sum().item() for kind, mask in built.items()} == {
        "sliding_attention": 6,
        "full_attention": 10,
    }
    assert (built["sliding_attention"][0] == 0).sum().item() == 3


@pytest.mark.parametrize(
    ("kinds", "forms"),
    [
        (None, ("plain",)),
        (["full_attention", "sliding_attention"], ("by_kind", "plain")),
        (["full_attention", "chunked_attention"], ()),
        (["linear_attention", "full_attention"], ()),
    ],
)
def test_kinds_of_attention_that_are_not_known_are_not_batched(
    kinds: list[str] | None, forms: tuple[str, ...]
) -> None:
    config = LlamaConfig()
    config.layer_types = kinds
    assert mask_forms(config) == forms


def test_a_client_s_mask_is_for_its_kind_and_the_others_stay_as_they_are() -> None:
    masks = MaskBuilder(CONFIGS["gemma2"](), "by_kind")  # a window of six
    blind = torch.zeros(2, 9, dtype=torch.bool)
    built = masks.for_step({"full_attention": blind}, torch.float32, torch.device("cpu"))
    seen = {kind: (mask[0, 0] == 0).sum(dim=1).tolist() for kind, mask in built.items()}
    assert seen == {"full_attention": [0, 0], "sliding_attention": [6, 6]}
    for_all = masks.for_step({"": blind}, torch.float32, torch.device("cpu"))
    assert not any((mask == 0).any() for mask in for_all.values())


@pytest.mark.parametrize(
    ("form", "kinds", "taken"),
    [
        ("by_kind", ("full_attention", "sliding_attention"), True),
        ("by_kind", ("",), True),
        ("by_kind", ("full_attention", "made_up"), False),
        ("plain", ("",), True),
        ("plain", ("full_attention", "sliding_attention"), False),
    ],
)
def test_only_masks_that_some_layer_may_need_are_taken(
    form: str, kinds: tuple[str, ...], taken: bool
) -> None:
    assert MaskBuilder(CONFIGS["gemma2"](), form).takes(kinds) is taken


# --- rotary tables that change with the longest row


def stretched(rope_type: str) -> LlamaConfig:
    config = CONFIGS["llama"]()
    factors = {"short_factor": [1.0] * 4, "long_factor": [4.0] * 4} if rope_type == "longrope" else {}
    limit = {"original_max_position_embeddings": 16} if rope_type in ("longrope", "yarn") else {}
    config.rope_parameters = {"rope_type": rope_type, "rope_theta": 1e4, "factor": 4.0, **factors, **limit}
    return config


@pytest.mark.parametrize(
    ("rope_type", "limit"), [("default", None), ("yarn", None), ("longrope", 16), ("dynamic", CONTEXT)]
)
def test_how_long_sessions_may_be_that_share_forwards(rope_type: str, limit: int | None) -> None:
    assert shared_length(stretched(rope_type)) == limit


def test_the_shortest_of_several_kinds_of_layers_counts() -> None:
    config = CONFIGS["gemma3_text"]()
    assert shared_length(config) is None
    dynamic = {
        "rope_type": "dynamic",
        "factor": 2.0,
        "rope_theta": 1e4,
        "original_max_position_embeddings": 9,
    }
    config.rope_parameters = {**config.rope_parameters, "full_attention": dynamic}
    assert shared_length(config) == 9


async def test_sessions_beyond_that_length_run_alone_and_right() -> None:
    torch.manual_seed(0)
    model = LlamaForCausalLM(stretched("longrope")).eval()

    async def talk(swarm: MemorySwarm, prompt: int) -> None:
        session, whole = swarm.session(replace(IMPATIENT, chunk_tokens=32)), WholeModel(model)
        for position, tokens in ((0, prompt), *((prompt + step, 1) for step in range(6))):
            hidden = some_states(tokens, seed=1000 * prompt + position)
            ours = await session.step(hidden, position)
            assert (ours - whole.step(hidden)).abs().max() <= TOLERANCE
        session.close()

    async with MemorySwarm() as swarm:
        server = swarm.add(model)
        await asyncio.gather(*(talk(swarm, prompt) for prompt in (3, 4, 12, 20)))  # one gets there, one is
        assert server.runner.batches_sessions
