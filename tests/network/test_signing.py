"""A sealed record opens at its own place, until its own expiry, unaltered; and in no other way."""

import time
from dataclasses import replace

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ProtocolViolation
from engine.network.identity import Identity
from engine.network.signing import (
    MAX_SEALED_BYTES,
    MAX_SECONDS_AHEAD,
    Place,
    fitting,
    index_place,
    model_key,
    model_place,
    seal,
    unseal,
)
from engine.wire.records import ModelSpan, ServerState, SpanRecord

NOW = time.time()
EXPIRES = NOW + 60.25
OWNER = Identity.generate()
MODEL = "ab" * 32


def record(**changes: object) -> SpanRecord:
    fields = dict(
        peer=OWNER.peer, model=MODEL, model_name="tiny", start=2, end=5, n_layers=9, expires=EXPIRES
    )
    return SpanRecord(**{**fields, "state": ServerState.ONLINE, **changes})


SEALED = seal(record(), model_place(record()), OWNER)


@given(
    start=st.integers(0, 8),
    state=st.sampled_from(ServerState),
    name=st.text(max_size=64),
    seconds=st.floats(0.001, MAX_SECONDS_AHEAD - 1),
)
def test_what_is_sealed_opens_at_both_of_its_places(
    start: int, state: ServerState, name: str, seconds: float
) -> None:
    expires = NOW + seconds
    sent = record(start=start, end=9, state=state, public_name=name, expires=expires)
    for place in (model_place(sent), index_place(sent)):
        assert unseal(seal(sent, place, OWNER), place, expires, NOW) == sent


@given(st.lists(st.integers(1, 300), max_size=16), st.booleans())
def test_a_record_of_many_long_addresses_says_those_that_others_take(lengths: list[int], moves: bool) -> None:
    there = ModelSpan(model=MODEL, model_name="m" * 200, start=0, end=64, n_layers=128) if moves else None
    said = record(
        model_name="m" * 200,
        start=0,
        end=64,
        n_layers=128,
        layer_precisions=[("nf4", 1), ("float16", 1)] * 32,
        addresses=[chr(97 + at) * length for at, length in enumerate(lengths)],
        moves_to=there,
    )
    fits = fitting(said)
    assert unseal(seal(fits, model_place(said), OWNER), model_place(said), EXPIRES, NOW) == fits
    kept = len(fits.addresses)
    assert fits.addresses == said.addresses[:kept]
    assert fits.model_copy(update={"addresses": said.addresses}) == said
    if kept < len(lengths):
        more = said.model_copy(update={"addresses": said.addresses[: kept + 1]})
        assert len(seal(more, model_place(said), OWNER)) > MAX_SEALED_BYTES


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(position: int, flip: int) -> None:
    altered = bytearray(SEALED)
    altered[position] ^= flip
    with pytest.raises(ProtocolViolation):
        unseal(bytes(altered), model_place(record()), EXPIRES, NOW)


@given(st.integers(0, len(SEALED) - 1))
def test_no_byte_can_be_cut_or_added(position: int) -> None:
    for altered in (SEALED[:position], SEALED[position + 1 :], SEALED + SEALED[position:]):
        with pytest.raises(ProtocolViolation):
            unseal(altered, model_place(record()), EXPIRES, NOW)


@given(st.one_of(st.binary(max_size=300), st.none(), st.integers(), st.text(max_size=20)))
def test_foreign_values_are_refused(value: object) -> None:
    with pytest.raises(ProtocolViolation):
        unseal(value, model_place(record()), EXPIRES, NOW)


@pytest.mark.parametrize(
    "place",
    [
        index_place(record()),
        model_place(record(model="cd" * 32)),
        model_place(record(peer=Identity.generate().peer)),
        replace(model_place(record()), subkey=f"{OWNER.peer}/"),
        Place.under(b"elsewhere", OWNER.peer),
    ],
)
def test_a_record_cannot_be_replayed_elsewhere(place: Place) -> None:
    with pytest.raises(ProtocolViolation, match="not signed"):
        unseal(SEALED, place, EXPIRES, NOW)


def test_even_the_owner_cannot_place_a_record_elsewhere() -> None:
    for place in (Place.under(b"elsewhere", OWNER.peer), Place.under(model_key("cd" * 32), OWNER.peer)):
        with pytest.raises(ProtocolViolation, match="belongs elsewhere"):
            unseal(seal(record(), place, OWNER), place, EXPIRES, NOW)


def test_nobody_can_speak_for_another_peer() -> None:
    rogue = Identity.generate()
    victim = record()
    forged = seal(victim, model_place(victim), rogue)
    with pytest.raises(ProtocolViolation, match="not signed"):
        unseal(forged, model_place(victim), EXPIRES, NOW)
    own_place = replace(model_place(victim), subkey=rogue.peer)
    with pytest.raises(ProtocolViolation, match="belongs elsewhere"):
        unseal(seal(victim, own_place, rogue), own_place, EXPIRES, NOW)


@pytest.mark.parametrize(
    ("expires", "now"),
    [
        (EXPIRES, EXPIRES),
        (EXPIRES, EXPIRES + 1),
        (EXPIRES, EXPIRES - MAX_SECONDS_AHEAD - 0.1),
        (float("inf"), NOW),
        (float("nan"), NOW),
    ],
    ids=["over", "long over", "too far ahead", "endless", "no number"],
)
def test_a_record_lives_ten_minutes_at_most(expires: float, now: float) -> None:
    with pytest.raises(ProtocolViolation, match="expired, or claims"):
        unseal(SEALED, model_place(record()), expires, now)


def test_a_record_cannot_be_kept_alive() -> None:
    with pytest.raises(ProtocolViolation, match="not signed"):
        unseal(SEALED, model_place(record()), EXPIRES + 1, NOW)


def test_an_oversized_record_is_refused_before_anything_is_checked() -> None:
    oversized = msgpack.packb([b" " * MAX_SEALED_BYTES, bytes(64)])
    with pytest.raises(ProtocolViolation, match="at most 4096 bytes"):
        unseal(oversized, model_place(record()), EXPIRES, NOW)


def test_the_largest_record_still_fits() -> None:
    largest = record(addresses=("/ip4/127.0.0.1/tcp/1/p2p/" + "Q" * 60,) * 16, model_name="m" * 200)
    sealed = seal(largest, model_place(largest), OWNER)
    assert unseal(sealed, model_place(largest), EXPIRES, NOW) == largest


def test_a_signed_payload_is_still_parsed_with_distrust() -> None:
    impossible = record().model_copy(update={"end": 99})
    with pytest.raises(ProtocolViolation, match="not a span record"):
        unseal(seal(impossible, model_place(record()), OWNER), model_place(record()), EXPIRES, NOW)
