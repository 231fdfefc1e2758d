"""What prompts may take while others decode: a device in virtual time, and properties."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.host.prompt_share import (
    GIVING_WAY,
    HELD_SECONDS,
    HELD_TIMES,
    LONGEST_SECONDS,
    PAUSE_SECONDS,
    RETURNS,
    SHARE,
    SHORT_TOKENS,
    PromptShare,
)

CHAT, OTHER, PROMPT = 1, 2, 3
CHUNK = 256


@dataclass
class Device:
    """A chat that comes back `away` seconds after each tick, and prompts that always wait beside it."""

    step: float = 0.01
    token: float = 0.0005  # of a prompt, as it really is
    keys: float = 0.0  # that a piece takes for the text before it
    away: float = 0.05
    spans: float = 1.0
    prompts: int = 1
    now: float = 100.0
    pieces: list[tuple[int, float]] = field(default_factory=list)  # tokens and seconds of each
    intervals: list[float] = field(default_factory=list)  # between two ticks' ends

    def __post_init__(self) -> None:
        self.share = PromptShare(self.step, self.spans)

    def run(self, ticks: int) -> "Device":
        ended = self.now
        for _ in range(ticks):
            self.now = max(self.now, ended + self.away) + self.step
            self.share.note_short([CHAT], self.step, self.now)
            self.intervals.append(self.now - ended)
            ended = self.now
            while self.now < ended + self.away or not self.away:
                if not self._run_a_piece(ended + self.away) or not self.away:
                    break
        return self

    def _run_a_piece(self, back: float) -> int:
        """The chat is `back` then."""
        tokens, began = self.share.piece_tokens(CHUNK, self.now, self.prompts), self.now
        if tokens:
            seconds = self.step + self.keys + tokens * self.token
            self.now += seconds
            self.share.note_piece(tokens, seconds)
            self.share.spend(tokens, seconds, began, max(0.0, self.now - back), self.prompts)
            self.pieces.append((tokens, seconds))
        return tokens

    def forget_the_start(self) -> "Device":
        self.pieces.clear(), self.intervals.clear()
        self._began = self.now
        return self

    @property
    def prompts_share(self) -> float:
        return sum(seconds for _, seconds in self.pieces) / (self.now - self._began)


def warm(**settings: float) -> Device:
    """Behind the ticks in which it has learned."""
    return Device(**settings).run(100).forget_the_start().run(200)


SECONDS = st.floats(0.001, 0.2)


@settings(max_examples=30)
@given(step=st.floats(0.01, 0.2), token=st.floats(1e-5, 0.05), spans=st.floats(2.0, 30.0))
def test_a_chat_that_computes_all_the_time_loses_no_more_than_the_share(
    step: float, token: float, spans: float
) -> None:
    device = warm(step=step, token=token, away=0.0, spans=spans)
    one_piece = max((seconds for _, seconds in device.pieces), default=0.0)
    spent = sum(seconds for _, seconds in device.pieces)
    assert spent <= SHARE * (device.now - device._began) + one_piece + 1e-6
    assert device.prompts_share >= SHARE / 2  # nor is the prompt forgotten


@pytest.mark.parametrize("away", [0.0, 0.02, 0.05])
def test_all_ticks_together_keep_their_share_of_the_time(away: float) -> None:
    """Where half of a chat's time and more is computing for it."""
    device = warm(away=away, spans=3.0)
    assert device.prompts_share == pytest.approx(SHARE, abs=0.03)


@settings(max_examples=30)
@given(step=SECONDS, token=st.floats(1e-5, 0.05), away=st.floats(0.0, 0.5))
def test_a_piece_is_no_longer_than_a_worthwhile_one_and_a_share_of_the_time_between_ticks(
    step: float, token: float, away: float
) -> None:
    device = warm(step=step, token=token, away=away, spans=3.0)
    longest = max((seconds for _, seconds in device.pieces), default=0.0)
    assert longest <= 1.1 * (2 * step + token + max(device.intervals))


def test_pieces_become_longer_as_their_tokens_become_cheaper() -> None:
    tokens = [warm(token=token).pieces[-1][0] for token in (0.004, 0.001, 0.00025)]
    assert tokens == sorted(tokens)
    assert tokens[0] < tokens[-1] <= CHUNK


def test_pieces_do_not_shrink_away_far_into_a_text() -> None:
    """Where each costs what its keys cost, however few its tokens are."""
    device = warm(spans=3.0)
    worthwhile = device.step / device.token
    device.keys = 5 * device.step
    device.forget_the_start().run(600)
    assert min(tokens for tokens, _ in device.pieces) >= worthwhile / 2
    assert device.prompts_share <= 1.1 * SHARE


def test_a_chat_that_mostly_waits_for_its_links_leaves_the_prompt_most_of_the_time() -> None:
    far = warm(away=0.4, spans=3.0)
    assert far.prompts_share > 2 * SHARE
    assert max(far.intervals) <= 1.05 * (0.4 + far.step)  # and loses nothing


def test_several_prompts_together_get_more_than_one_and_each_less() -> None:
    one, three = (warm(prompts=prompts, spans=3.0).prompts_share for prompts in (1, 3))
    assert one < three < 3 * one


def test_what_is_left_of_a_chunk_runs_as_soon_as_there_is_time_for_it() -> None:
    share = PromptShare(
        0.01, spans=10.0
    )  # of a prompt, a token counts 0.00125 at first, eight are worthwhile
    for tick in range(20):
        share.note_short([CHAT], 0.01, tick * 0.04)
    share.spend(8, 0.048, 19 * 0.04)
    share.note_short([CHAT], 0.01, 20 * 0.04)
    assert share.piece_tokens(CHUNK, 20 * 0.04) == 0
    assert share.piece_tokens(1, 20 * 0.04) == 1


def test_time_saved_up_while_no_prompt_waited_makes_no_long_piece() -> None:
    device = warm(spans=3.0)
    longest = max(tokens for tokens, _ in device.pieces)
    for _ in range(50):  # ticks without a prompt
        device.now += device.away + device.step
        device.share.note_short([CHAT], device.step, device.now)
    assert 0 < device.share.piece_tokens(CHUNK, device.now) <= 1.1 * longest


@settings(max_examples=30)
@given(step=st.floats(0.01, 0.2), token=st.floats(1e-5, 0.05), away=st.floats(0.0, 0.3))
def test_while_others_are_held_up_elsewhere_a_prompt_goes_on_within_its_share(
    step: float, token: float, away: float
) -> None:
    device = warm(step=step, token=token, away=away, spans=3.0).forget_the_start()
    share, longest = device.share, 0.0
    for _ in range(20):  # no tick comes
        wait = share.seconds_to_piece(CHUNK, device.now)
        device.now += max(0.0, wait) + 1e-6
        assert device._run_a_piece(device.now + 60.0)
        longest = max(longest, device.pieces[-1][1])
    spent = sum(seconds for _, seconds in device.pieces)
    assert spent <= share._share(1) * (device.now - device._began + LONGEST_SECONDS) + GIVING_WAY * longest


@settings(max_examples=30)
@given(step=SECONDS, token=st.floats(1e-5, 0.05))
def test_a_piece_gives_way_to_steps_that_wait_but_not_for_ever(step: float, token: float) -> None:
    device = warm(step=step, token=token, away=0.0, spans=3.0)
    share, ticks = device.share, 0
    share.spend(CHUNK, LONGEST_SECONDS, device.now)
    assert share.gives_way(CHUNK)
    while share.gives_way(CHUNK):
        device.now += step
        share.note_short([CHAT], step, device.now)
        ticks += 1
        assert ticks < 10_000
    assert share.piece_tokens(CHUNK, device.now)
    assert ticks * step <= LONGEST_SECONDS + 1.1 * GIVING_WAY * share._time_for_a_piece(CHUNK, 1, 1.0) + step


def test_how_long_a_step_may_be_held_follows_from_what_it_takes_at_once() -> None:
    device = warm(step=0.1, token=0.005, away=0.3)
    at_once = device.step + CHUNK * device.token
    assert device.share.longest_seconds(CHUNK) == pytest.approx(HELD_TIMES * at_once, rel=0.1)
    assert device.share.longest_seconds(CHUNK, part=0.5) == device.share.longest_seconds(CHUNK) / 2
    assert device.share.longest_seconds(CHUNK, part=0.01) == HELD_SECONDS


# --- beside whom


def ticks(share: PromptShare, sessions: list[int], interval: float) -> Iterator[float]:
    for number in range(50):
        share.note_short(sessions, 0.01, number * interval)
        yield number * interval


def test_a_session_is_not_beside_itself() -> None:
    share = PromptShare(0.01)
    *_, now = ticks(share, [PROMPT], 0.05)
    assert share.seconds_beside(PROMPT, now) == 0
    assert share.seconds_beside(OTHER, now) > 0


@pytest.mark.parametrize(("interval", "seconds"), [(0.05, RETURNS * 0.05), (0.9, PAUSE_SECONDS)])
def test_who_decodes_is_expected_back_for_a_while(interval: float, seconds: float) -> None:
    share = PromptShare(0.01)
    *_, now = ticks(share, [CHAT], interval)
    assert share.seconds_beside(PROMPT, now) == pytest.approx(seconds, rel=0.01)
    assert share.seconds_beside(PROMPT, now + 0.75 * seconds) == pytest.approx(seconds / 4, rel=0.04)
    assert share.seconds_beside(PROMPT, now + 1.01 * seconds) == 0


def test_who_has_gone_is_waited_for_no_longer() -> None:
    share = PromptShare(0.01)
    *_, now = ticks(share, [CHAT, OTHER], 0.05)
    share.forget(CHAT)
    assert share.seconds_beside(PROMPT, now) > 0
    share.forget(OTHER)
    assert share.seconds_beside(PROMPT, now) == 0


def test_a_pause_says_nothing_of_the_time_between_ticks() -> None:
    share = PromptShare(0.01)
    *_, now = ticks(share, [CHAT], 0.05)
    share.note_short([CHAT], 0.01, now + 60.0)
    assert share.seconds_beside(PROMPT, now + 60.0) == pytest.approx(RETURNS * 0.05, rel=0.01)


@given(st.lists(st.tuples(st.integers(1, 512), st.floats(0.0, 10.0)), max_size=30), st.floats(0.0, 10.0))
def test_whatever_was_measured_a_piece_is_some_of_a_step_s_tokens(
    pieces: list[tuple[int, float]], step: float
) -> None:
    share, now = PromptShare(step), 0.0
    for tokens, seconds in pieces:
        now += seconds
        share.note_piece(tokens, seconds)
        share.spend(tokens, seconds, now - seconds)
        share.note_short([CHAT], seconds, now)
    assert 1 <= share.short_tokens <= SHORT_TOKENS
    assert all(0 <= share.piece_tokens(tokens, now) <= tokens for tokens in (1, 7, CHUNK))
