"""What is said with compositors, by a recorded conversation with a real one and by the protocol itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.manners.probes.wayland_idle import MAX_SEATS, UNTOUCHED_SECONDS, IdleTalk
from engine.manners.probes.wayland_wire import HEADER, NotWayland, message, taken_from

KWIN = Path(__file__).parent / "recorded" / "kwin_5_27.txt"
DISPLAY, REGISTRY = 1, 2
SYNC, IDLED, RESUMED = 0, 0, 1
SEAT, SECOND_SEAT, NOTIFIER = 11, 12, 13  # names in the registry


def announced(name: int, interface: str, version: int = 1) -> bytes:
    return message(REGISTRY, 0, name, interface, version)


def notifier(version: int = 2) -> bytes:
    return announced(NOTIFIER, "ext_idle_notifier_v1", version)


ONE_SEAT = announced(SEAT, "wl_seat", 7)
TWO_SEATS = ONE_SEAT + announced(SECOND_SEAT, "wl_seat", 7)


def notifications(said: bytes) -> list[tuple[int, int, int]]:
    """Kind, number and milliseconds of those that were asked for."""
    asked = [one for one in taken_from(bytearray(said)) if one.about > REGISTRY and len(one.body) == 12]
    return [(one.kind, *one.words(2)) for one in asked]


def hearing(data: bytes) -> tuple[IdleTalk, list[int]]:
    """What has been told so, at 0 s, and the numbers of the notifications that were asked for."""
    talk = IdleTalk()
    return talk, [number for _, number, _ in notifications(talk.hear(data, 0.0))]


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_a_conversation_with_kwin(size: int) -> None:
    """It heard nothing for 5.2 s, was asked, and then somebody moved the mouse; all in pieces of a size."""
    turns = [(line[0], bytes.fromhex(line[2:])) for line in KWIN.read_text().splitlines()]
    talk, now, idle, said = IdleTalk(), 0.0, [], b""
    for who, data in turns:
        if who == "<":
            for start in range(0, len(data), size):
                said += talk.hear(data[start : start + size], now)
        elif talk.is_answered:
            idle.append(talk.idle_seconds(now + 1.0))
            said += talk.ask()
            now += UNTOUCHED_SECONDS
    idle.append(talk.idle_seconds(now + 1.0))
    assert talk.is_answered
    assert idle == [None, 0.0, UNTOUCHED_SECONDS + 1.0, 0.0]
    assert said == b"".join(data for who, data in turns if who == ">")


def test_nobody_is_idle_before_the_compositor_says_so() -> None:
    talk, (number,) = hearing(ONE_SEAT + notifier())
    assert talk.idle_seconds(100.0) == 0.0
    talk.hear(message(number, IDLED), 100.0)
    assert talk.idle_seconds(160.0) == 60.0 + UNTOUCHED_SECONDS
    talk.hear(message(number, RESUMED), 170.0)
    assert talk.idle_seconds(180.0) == 0.0


def test_told_twice_that_nobody_is_there_somebody_may_have_been() -> None:
    talk, (number,) = hearing(ONE_SEAT + notifier())
    talk.hear(message(number, IDLED), 100.0)
    talk.hear(message(number, IDLED), 200.0)
    assert talk.idle_seconds(200.0) == UNTOUCHED_SECONDS


@pytest.mark.parametrize("told", [TWO_SEATS + notifier(), notifier() + TWO_SEATS])
def test_who_sits_at_one_of_two_seats_counts(told: bytes) -> None:
    talk, (first, second) = hearing(told)
    talk.hear(message(first, IDLED), 10.0)
    assert talk.idle_seconds(60.0) == 0.0
    talk.hear(message(second, IDLED), 40.0)
    assert talk.idle_seconds(60.0) == 20.0 + UNTOUCHED_SECONDS
    said = talk.hear(message(REGISTRY, 1, SECOND_SEAT), 60.0)
    assert said == message(second, 0)  # nobody waits for that any more
    assert talk.idle_seconds(60.0) == 50.0 + UNTOUCHED_SECONDS
    talk.hear(message(REGISTRY, 1, SEAT), 60.0)
    assert talk.idle_seconds(60.0) is None


def test_a_seat_that_comes_later_was_touched_when_it_came() -> None:
    talk, (first,) = hearing(ONE_SEAT + notifier())
    talk.hear(message(first, IDLED), 10.0)
    talk.hear(announced(SECOND_SEAT, "wl_seat"), 90.0)
    assert talk.idle_seconds(90.0) == 0.0


@pytest.mark.parametrize("told", [b"", ONE_SEAT, notifier(), announced(1, "wl_shm") + TWO_SEATS])
def test_a_compositor_that_does_not_offer_it_tells_nothing(told: bytes) -> None:
    talk, numbers = hearing(told)
    assert (talk.idle_seconds(1000.0), numbers) == (None, [])


@pytest.mark.parametrize(("version", "kind"), [(1, 1), (2, 2), (3, 2)])
def test_touches_alone_count_where_that_is_offered(version: int, kind: int) -> None:
    said = IdleTalk().hear(ONE_SEAT + notifier(version), 0.0)
    assert [(kind, ms) for kind, _, ms in notifications(said)] == [(kind, round(UNTOUCHED_SECONDS * 1000))]


@pytest.mark.parametrize(
    "told",
    [
        ONE_SEAT + notifier() + message(REGISTRY, 1, NOTIFIER),
        message(DISPLAY, 0, 2, 3, "invalid method"),
        b"".join(announced(name, "wl_seat") for name in range(MAX_SEATS + 1)),
        message(REGISTRY, 0),
        message(REGISTRY, 0, 1, 0),  # a text without its end
        message(REGISTRY, 0, 1, 1 << 31),  # a text longer than what holds it
        message(REGISTRY, 0, 1, 4, 0x41414141, 1),  # a text that does not end
        message(REGISTRY, 0, 1, "wl_seat"),  # without a version
        message(DISPLAY, 0, 2),
        (1).to_bytes(4, "little") * 2,  # sizes that cannot be
        bytes(HEADER),
    ],
)
def test_what_is_not_wayland_ends_it(told: bytes) -> None:
    with pytest.raises(NotWayland):
        IdleTalk().hear(told, 0.0)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.binary(max_size=24)), max_size=8))
def test_whatever_comes_is_understood_or_refused(told: list[tuple[int, int, bytes]]) -> None:
    talk, _ = hearing(TWO_SEATS + notifier())
    for about, kind, body in told:
        size = HEADER + len(body) // 4 * 4
        data = message(about, kind)[:4] + (size << 16 | kind).to_bytes(4, "little") + body[: size - HEADER]
        try:
            talk.hear(data, 5.0)
        except NotWayland:
            return
    assert talk.idle_seconds(5.0) in (None, 0.0, UNTOUCHED_SECONDS)
