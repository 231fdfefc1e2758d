"""What a server may say about itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.wire.records import MAX_LAYERS, PROTOCOL_VERSION, ServerState, SpanRecord

GOOD: dict[str, Any] = {
    "peer": "Qm" + "a" * 44,
    "model": "0f" * 32,
    "model_name": "tiny",
    "start": 2,
    "end": 5,
    "n_layers": 8,
    "state": "online",
    "expires": 1e9,
}


def test_a_plain_record_is_taken_and_unknown_fields_are_dropped() -> None:
    record = SpanRecord(**GOOD, of_a_later_version=1)
    assert record.usable
    assert not hasattr(record, "of_a_later_version")


@pytest.mark.parametrize(
    "change",
    [
        {"peer": ""},
        {"peer": "Qm" + "0" * 44},  # no base58
        {"peer": "Qm" + "a" * 100},
        {"model": "0F" * 32},
        {"model": "0f" * 31},
        {"model_name": "x" * 201},
        {"model_name": ""},
        {"model_name": "\x1b[2J"},
        {"model_name": "soup \u202e puos"},
        {"addresses": ["x"] * 17},
        {"addresses": ["x" * 301]},
        {"start": -1},
        {"start": 5},
        {"start": 6},
        {"end": 9},
        {"n_layers": 0},
        {"n_layers": MAX_LAYERS + 1},
        {"end": MAX_LAYERS + 1, "n_layers": MAX_LAYERS + 1},
        {"state": "sleeping"},
        {"precision": "x" * 17},
        {"public_name": "x" * 65},
        {"queue_depth": -1},
        {"queue_depth": 1_000_001},
        {"free_cache_tokens": -1},
        {"free_cache_tokens": 10**12 + 1},
        {"step_seconds": -0.1},
        {"step_seconds": 3601},
        {"step_seconds": float("nan")},
        {"step_seconds": float("inf")},
        {"expires": -1},
        {"expires": float("inf")},
        {"protocol": 0},
        {"protocol": 1001},
    ],
    ids=str,
)
def test_a_record_out_of_bounds_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SpanRecord(**GOOD | change)


@pytest.mark.parametrize("state", ServerState)
@pytest.mark.parametrize("protocol", [PROTOCOL_VERSION, PROTOCOL_VERSION + 1])
def test_only_servers_online_that_speak_our_protocol_are_usable(state: ServerState, protocol: int) -> None:
    record = SpanRecord(**GOOD | {"state": state, "protocol": protocol})
    assert record.usable == (state is ServerState.ONLINE and protocol == PROTOCOL_VERSION)


PLACE: dict[str, Any] = {"model": "1e" * 32, "model_name": "other", "start": 8, "end": 12, "n_layers": 16}


@pytest.mark.parametrize(
    "change",
    [
        {"end": 17},
        {"start": 12},
        {"start": -1},
        {"end": MAX_LAYERS + 1, "n_layers": MAX_LAYERS + 1},
        {"model": "everything"},
        {"model_name": "\x1b[2J"},
        {"tokens_per_s": float("inf")},
        {"tokens_per_s": -1.0},
        {"start": None},
    ],
    ids=str,
)
def test_a_record_that_goes_to_no_possible_place_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SpanRecord(**GOOD, moves_to=PLACE | change)


@pytest.mark.parametrize("nonsense", [[PLACE, PLACE], "8:12", 8, [8, 12], {}], ids=str)
def test_a_record_names_one_place_to_go_to(nonsense: object) -> None:
    with pytest.raises(ValidationError):
        SpanRecord(**GOOD, moves_to=nonsense)


def test_records_of_before_say_nothing_of_where_they_go() -> None:
    old = SpanRecord(**GOOD).model_dump_json(exclude={"moves_to"})
    assert SpanRecord.model_validate_json(old).moves_to is None


@pytest.mark.parametrize(
    ("state", "comes"),
    [(ServerState.ONLINE, ServerState.CHOOSING), (ServerState.DRAINING, ServerState.JOINING)],
)
def test_who_goes_elsewhere_is_there_as_one_who_comes(state: ServerState, comes: ServerState) -> None:
    record = SpanRecord(
        **GOOD | {"state": state, "busy": 0.5, "layer_precisions": [["nf4", 3]]}, moves_to=PLACE
    )
    assert SpanRecord.model_validate_json(record.model_dump_json()) == record
    there = record.there
    assert there is not None
    assert SpanRecord.model_validate_json(there.model_dump_json()) == there
    assert (there.peer, there.state, there.busy, there.usable) == (record.peer, comes, 0.0, False)
    assert {name: getattr(there, name) for name in PLACE} == PLACE
    assert record.is_on_its_way == (state is ServerState.DRAINING)


@pytest.mark.parametrize("state", [ServerState.CHOOSING, ServerState.JOINING, ServerState.OFFLINE])
def test_who_serves_nothing_leaves_nothing(state: ServerState) -> None:
    record = SpanRecord(**GOOD | {"state": state}, moves_to=PLACE)
    assert (record.there, record.is_on_its_way) == (None, False)


def test_who_only_leaves_goes_nowhere() -> None:
    record = SpanRecord(**GOOD | {"state": "draining"})
    assert (record.there, record.is_on_its_way) == (None, False)


@given(start=st.integers(-2, 12), end=st.integers(-2, 12), n_layers=st.integers(-2, 12))
def test_a_span_lies_inside_its_model(start: int, end: int, n_layers: int) -> None:
    try:
        record = SpanRecord(**GOOD | {"start": start, "end": end, "n_layers": n_layers})
    except ValidationError:
        assert not 0 <= start < end <= n_layers
    else:
        assert 0 <= record.start < record.end <= record.n_layers
        assert SpanRecord.model_validate_json(record.model_dump_json()) == record
