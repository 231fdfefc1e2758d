"""What sentence-transformers' files say, and vectors made of states by those rules."""

import json
from typing import Any

import pytest
import torch

from engine.errors import BadModelFile, UnsupportedModel
from engine.generate.pooling import pooled
from engine.generate.sentence_files import POOLING_FILE, PoolingMode, SentenceRules, sentence_rules

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def rules(**files: Any) -> SentenceRules:
    names = {
        "modules": "modules.json",
        "pooling": POOLING_FILE,
        "reading": "sentence_bert_config.json",
        "prompts": "config_sentence_transformers.json",
    }
    return sentence_rules({names[key]: json.dumps(value).encode() for key, value in files.items()}, "tiny")


def test_a_model_without_files_gets_the_mean_of_its_tokens() -> None:
    assert rules() == SentenceRules(("mean",), normalised=False, max_tokens=None, lower_case=False, prompt="")


def test_all_files_are_heard() -> None:
    told = rules(
        modules=MODULES,
        pooling={"word_embedding_dimension": 32, "pooling_mode_cls_token": True},
        reading={"max_seq_length": 256, "do_lower_case": True},
        prompts={
            "prompts": {"query": "query: ", "document": None},
            "default_prompt_name": "query",
            "__version__": {},
        },
    )
    assert told == SentenceRules(("cls",), normalised=True, max_tokens=256, lower_case=True, prompt="query: ")


@pytest.mark.parametrize(
    ("config", "modes"),
    [
        ({"pooling_mode_mean_tokens": True}, ("mean",)),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, ("cls", "mean")),
        ({"pooling_mode_weightedmean_tokens": True}, ("weightedmean",)),
        ({"pooling_mode_lasttoken": True}, ("lasttoken",)),
        ({"pooling_mode": "max"}, ("max",)),
        ({"pooling_mode": ["mean", "max"]}, ("mean", "max")),
        ({}, ("mean",)),
    ],
)
def test_modes_of_pooling_by_name_or_flag(config: dict[str, Any], modes: tuple[PoolingMode, ...]) -> None:
    assert rules(pooling=config).pooling == modes


def test_a_model_may_leave_normalising_out() -> None:
    assert not rules(modules=MODULES[:2]).normalised


@pytest.mark.parametrize(
    "files",
    [
        {"pooling": {"pooling_mode": "median"}},
        {"pooling": {"pooling_mode_cls_token": "perhaps"}},
        {"pooling": []},
        {"reading": {"max_seq_length": 0}},
        {"modules": {"type": "Transformer"}},
        {"prompts": {"prompts": "query: "}},
    ],
)
def test_files_that_make_no_sense_are_refused(files: dict[str, Any]) -> None:
    with pytest.raises(BadModelFile, match=r"json of tiny cannot be read"):
        rules(**files)


def test_a_file_that_is_no_json_is_refused() -> None:
    with pytest.raises(BadModelFile, match="import the model again"):
        sentence_rules({"modules.json": b"\xff["}, "tiny")


def test_what_potluck_cannot_do_is_refused() -> None:
    dense = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    with pytest.raises(UnsupportedModel, match=r"further step to its vectors \(Dense\)"):
        rules(modules=[*MODULES, dense])
    elsewhere = {**MODULES[1], "path": "7_Pooling"}
    with pytest.raises(UnsupportedModel, match="unusual place"):
        rules(modules=[MODULES[0], elsewhere])
    with pytest.raises(UnsupportedModel, match="leaves its prompt out"):
        rules(
            pooling={"include_prompt": False},
            prompts={"prompts": {"query": "q: "}, "default_prompt_name": "query"},
        )


# --- vectors

STATES = torch.tensor([[1.0, -2.0], [3.0, 0.0], [2.0, 8.0]])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("cls", [1, -2]),
        ("lasttoken", [2, 8]),
        ("max", [3, 8]),
        ("mean", [2, 2]),
        ("mean_sqrt_len_tokens", [6 / 3**0.5, 6 / 3**0.5]),
        ("weightedmean", [(1 + 6 + 6) / 6, (-2 + 24) / 6]),
    ],
)
def test_each_mode_of_pooling(mode: PoolingMode, expected: list[float]) -> None:
    assert pooled(STATES, SentenceRules((mode,))).tolist() == pytest.approx(expected)


def test_several_modes_are_joined_and_then_normalised() -> None:
    assert pooled(STATES, SentenceRules(("cls", "mean"))).tolist() == [1, -2, 2, 2]
    unit = pooled(STATES, SentenceRules(("cls", "mean"), normalised=True))
    assert float(unit.norm()) == pytest.approx(1)
    assert unit.tolist() == pytest.approx([x / 13**0.5 for x in (1, -2, 2, 2)])
