"""Which model drafts for which, and how it comes to a chat that does not wait for it."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from transformers import LogitsProcessorList

from engine.errors import UnsupportedModel
from engine.generate.replies import Replies
from engine.generate.shell_models import load_shell
from engine.generate.speculation.draft_choice import MAX_SHARE, Coarse, DraftChoice, choose
from engine.generate.speculation.draft_model import DraftModel
from engine.generate.speculation.draft_models import (
    DraftModels,
    check_goes_back,
    keep_to_one_core,
    load_draft_model,
)
from engine.model.branching import Reader
from engine.planning.catalogue import Catalogue, Entry
from engine.weights.imports.importing import import_model
from engine.weights.loading import load_whole
from engine.weights.manifest import Manifest
from engine.weights.store.layer_store import LayerStore
from tests.generate.at_once import AT_ONCE
from tests.generate.test_replies import HELLO, Chat, answer, said, serve
from tests.generate.test_speculation import NEW, SETTINGS, LongTrips
from tests.host.test_own_caches import CONFIGS as WITH_STATES
from tests.host.test_own_caches import model_of
from tests.in_memory_swarm import MemorySwarm
from tests.tiny_models import byte_tokenizer, chat_model, some_prompt

PLENTY = 1 << 40  # bytes
NAMED = Catalogue(model=(Entry(source="maker/large", draft="maker/small"),))
NOTHING = Catalogue()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LayerStore:
    return LayerStore(tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="module")
def large(store: LayerStore) -> Chat:
    tokenizer = byte_tokenizer()
    model = chat_model(tokenizer)
    return Chat(model, tokenizer, store, import_model(model, tokenizer, "large", store))


@pytest.fixture(scope="module")
def small(store: LayerStore) -> Manifest:
    tokenizer = byte_tokenizer()
    return import_model(chat_model(tokenizer, seed=1), tokenizer, "small", store)


@pytest.fixture(scope="module")
def foreign(store: LayerStore) -> Manifest:
    """Whose tokens are others."""
    tokenizer = byte_tokenizer(merges=[("a", "b")])
    return import_model(chat_model(tokenizer, seed=2), tokenizer, "foreign", store)


# --- which one


def test_the_model_that_the_catalogue_names_comes_first(large: Chat, small: Manifest) -> None:
    def chosen(here: list[Manifest], catalogue: Catalogue = NAMED, free: int = PLENTY) -> Manifest | None:
        choice = choose(large.manifest, here, catalogue, free)
        return None if choice is None else choice.manifest

    assert chosen([large.manifest, small]) == small
    assert chosen([large.manifest]) == large.manifest
    assert chosen([large.manifest, small], NOTHING) == large.manifest
    assert chosen([small], NOTHING) is None
    assert chosen([large.manifest, small], free=0) is None


def test_a_draft_model_takes_a_stated_share_of_what_is_free(large: Chat) -> None:
    size = DraftChoice.of(large.manifest, "nf4")
    least = int((size.weights + size.texts) / MAX_SHARE)
    assert choose(large.manifest, [large.manifest], NOTHING, least + 8) is not None
    assert choose(large.manifest, [large.manifest], NOTHING, least - 8) is None


def test_a_model_that_is_slower_than_half_a_trip_does_not_pay(small: Manifest) -> None:
    choice = DraftChoice(small, "int8", weights=400_000_000, texts=0)
    assert [choice.pays(seconds) for seconds in (0.01, 0.19, 0.21)] == [False, False, True]


# --- loading


@pytest.mark.parametrize("precision", [None, "int8", "nf4"])
def test_a_draft_model_gives_nearly_what_the_model_gives(precision: Coarse | None, large: Chat) -> None:
    drafting = load_draft_model(large.manifest, large.store, precision)
    whole = load_whole(large.manifest, large.store)
    ids = some_prompt()
    with torch.inference_mode():
        expected = whole(ids).logits[:, -1]
    got = Reader(drafting).read(ids[0].tolist())
    off = ((got - expected).norm() / expected.norm()).item()
    assert off < (1e-5 if precision is None else 0.05 if precision == "int8" else 0.5)


@pytest.mark.parametrize("family", list(WITH_STATES)[:3])
def test_a_model_that_cannot_take_a_token_back_drafts_nothing(family: str, small: Manifest) -> None:
    with pytest.raises(UnsupportedModel, match="small cannot draft"):
        check_goes_back(model_of(family), small)


def drafts_of(store: LayerStore, catalogue: Catalogue = NOTHING, free: int = PLENTY) -> DraftModels:
    return DraftModels(store, catalogue, lambda: free, AT_ONCE)


def test_nobody_waits_for_a_draft_model(large: Chat, small: Manifest) -> None:
    drafts, shell = drafts_of(large.store), load_shell(large.manifest, large.store)
    assert drafts.take(shell, trip_seconds=0.0) is None  # trips that are as short as that need none
    drafts.loaded()
    assert drafts.take(shell, 1.0) is None
    drafts.loaded()
    first, second = (drafts.take(shell, 1.0) for _ in range(2))
    assert None not in (first, second)
    assert first is not second
    assert drafts.take(shell, 1.0) is None  # memory is counted for two
    drafts.put(DraftModel(lambda: first, [1, 2], AT_ONCE))
    assert drafts.take(shell, 1.0) is None  # that drafter had none
    drafter = DraftModel(lambda: first, [1, 2], AT_ONCE)
    drafter.work(1)
    drafts.put(drafter)
    assert drafts.take(shell, 1.0) is first
    drafts.close()


def test_where_there_is_no_time_for_drafts_nothing_is_drafted_or_kept(large: Chat) -> None:
    drafts, shell = drafts_of(large.store), load_shell(large.manifest, large.store)
    drafts.take(shell, 1.0)
    drafts.loaded()
    assert drafts.taken_bytes > 0
    drafter = drafts.drafter(shell, [1, 2], LogitsProcessorList(), lambda: 1.0)
    assert drafter.work(5) is not None
    drafts.permit(False)
    assert drafter.work(5) is None
    assert (drafts.take(shell, 1.0), drafts.taken_bytes) == (None, 0)
    drafts.permit(True)
    assert drafts.take(shell, 1.0) is None
    drafts.loaded()
    assert drafts.take(shell, 1.0) is not None
    assert drafter.work(5) is not None
    drafts.put(drafter)
    drafts.close()


def test_a_draft_model_s_thread_keeps_to_one_core_and_leaves_others_theirs() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with ThreadPoolExecutor(1, initializer=keep_to_one_core) as own, ThreadPoolExecutor(1) as other:
            pools = [own, other, own]
            assert [pool.submit(torch.get_num_threads).result() for pool in pools] == [1, 3, 1]
    finally:
        torch.set_num_threads(before)


def test_a_model_with_other_tokens_is_refused_in_a_sentence(
    large: Chat, foreign: Manifest, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue = Catalogue(model=(Entry(source="maker/large", draft="maker/foreign"),))
    drafts, shell = drafts_of(large.store, catalogue), load_shell(large.manifest, large.store)
    with caplog.at_level(logging.INFO, "potluck.generate"):
        assert drafts.take(shell, 1.0) is None
        with pytest.raises(UnsupportedModel):
            drafts.loaded()
    assert caplog.messages == [
        "foreign cannot draft for large, as their tokens differ: choose a draft model of the same family."
    ]
    assert drafts.take(shell, 1.0) is None


# --- in a chat


@pytest.mark.parametrize("fields", [{}, {"temperature": 1.0, "seed": 3}])
async def test_a_chat_is_drafted_for_without_being_told(
    fields: dict[str, float], large: Chat, swarm: MemorySwarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.generate.held_sessions.Experience", LongTrips)
    for span in ((0, 2), (2, 5)):
        serve(swarm, large, *span)
    plain = Replies(swarm, swarm, large.store, SETTINGS, drafts=False)
    drafts = drafts_of(large.store)
    drafts.take(load_shell(large.manifest, large.store), 1.0)
    drafts.loaded()
    drafting = Replies(swarm, swarm, large.store, SETTINGS, draft_models=drafts)
    expected = await answer(plain, HELLO, model="large", max_tokens=NEW, **fields)
    got = await answer(drafting, HELLO, model="large", max_tokens=NEW, **fields)
    assert got.text == expected.text
    assert 0 < got.end.report.accepted <= got.end.report.drafted
    assert expected.end.report.drafted == 0
    turns = (*HELLO, *said("", got.text)[1:], *said("And what do you like?"))
    again = await answer(drafting, turns, model="large", max_tokens=NEW, **fields)
    assert again.text == (await answer(plain, turns, model="large", max_tokens=NEW, **fields)).text
    plain.close()
    drafting.close()
    await swarm.settled()
