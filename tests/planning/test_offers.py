from dataclasses import replace

import pytest

from engine.machine.speeds import Speed, Speeds, step_seconds
from engine.planning.memory import least_tokens, rows_of, usual_tokens
from engine.planning.offers import layer_seconds, offers_of, precision_in, ways_of
from engine.planning.places import Place
from engine.planning.weights import weights_bytes
from engine.settings import HostSettings
from tests.planning.shapes import LLAMA_8B, LLAMA_70B

GIB = 1 << 30
ANY = HostSettings()
CARD = Place(
    key="GPU-a",
    device="cuda:0",
    name="Card",
    precision="bfloat16",
    budget=23 * GIB,
    reserve=GIB,
    runtime=GIB,
    speeds={
        "nf4": Speed(8e13, 3e11),
        "int8": Speed(5e13, 3e11),
        "bfloat16": Speed(1e14, 6e11),
        "float32": Speed(2e13, 6e11),
    },
    fuses_attention=True,
)


def kinds(place: Place, shape, wishes: HostSettings = ANY) -> list[tuple[str, int]]:
    return [(way.precision, way.cache_tokens) for way in ways_of(place, shape, wishes)]


def test_of_ways_that_hold_the_whole_model_only_the_finest_counts():
    assert kinds(CARD, LLAMA_8B) == [("bfloat16", usual_tokens(LLAMA_8B))]


def test_where_none_holds_all_a_small_cache_is_offered_if_it_makes_room_for_layers():
    usual, least = usual_tokens(LLAMA_70B), least_tokens(LLAMA_70B)
    assert kinds(CARD, LLAMA_70B) == [
        ("nf4", least),
        ("nf4", usual),
        ("int8", least),
        ("int8", usual),
        ("bfloat16", usual),
    ]


def test_the_floor_leaves_out_what_is_coarser_unless_the_owner_wants_it():
    fine = replace(LLAMA_70B, floor="int8")
    assert {precision for precision, _ in kinds(CARD, fine)} == {"int8", "bfloat16"}
    assert {precision for precision, _ in kinds(CARD, fine, HostSettings(precision="nf4"))} == {"nf4"}


def test_a_model_whose_floor_no_coarse_precision_keeps_is_served_as_the_device_computes():
    assert {precision for precision, _ in kinds(CARD, replace(LLAMA_70B, floor="float32"))} == {"bfloat16"}


def test_an_offer_says_what_is_missing_and_how_fast_it_would_be():
    speeds = Speeds({CARD.key: CARD.speeds}, download_bytes_per_s=1e7)
    [offer] = offers_of(CARD, LLAMA_8B, frozenset({0, 3}), speeds, ANY)
    size = LLAMA_8B.layers[0].stored_bytes
    assert offer.missing_bytes[:5] == (0, size, size, 0, size)
    assert (offer.model, offer.n_layers, offer.bytes_per_s) == (LLAMA_8B.digest, 32, 1e7)
    assert offer.longest[0] == 32
    assert precision_in(offer) == "bfloat16"
    layer, rows = LLAMA_8B.layers[0], rows_of(LLAMA_8B, usual_tokens(LLAMA_8B))
    seconds = step_seconds(
        CARD.speeds["bfloat16"], weights_bytes("bfloat16", layer, "bfloat16"), layer.values, rows
    )
    assert offer.layer_tokens_per_s == pytest.approx(rows / seconds)


def test_coarse_offers_hold_more_layers_and_are_worse():
    offers = offers_of(CARD, LLAMA_70B, frozenset(), Speeds(), ANY)
    by_precision = {precision_in(offer): offer for offer in offers}
    longest = [by_precision[precision].longest[0] for precision in ("nf4", "int8", "bfloat16")]
    qualities = [by_precision[precision].quality for precision in ("nf4", "int8", "bfloat16")]
    assert longest == sorted(longest, reverse=True)
    assert qualities == sorted(qualities)


def test_a_token_waits_for_the_experts_that_it_goes_to():
    experts = replace(LLAMA_8B.layers[0], expert_share=0.9)
    shape = replace(LLAMA_8B, layers=(experts,), expert_use=1 / 8)
    dense = replace(LLAMA_8B, layers=LLAMA_8B.layers[:1])
    whole = layer_seconds(CARD, dense, dense.layers[0], "bfloat16", 1)
    assert layer_seconds(CARD, shape, experts, "bfloat16", 1) == pytest.approx(
        whole * (0.1 + 0.9 / 8), rel=1e-6
    )
    assert layer_seconds(CARD, shape, experts, "bfloat16", 8) == pytest.approx(whole, rel=1e-6)


def test_nothing_is_offered_where_nothing_fits():
    assert offers_of(replace(CARD, budget=2 * GIB), LLAMA_70B, frozenset(), Speeds(), ANY) == ()
