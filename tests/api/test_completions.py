"""Completions, asked for by the official OpenAI client, against a real server on loopback."""

import openai
import pytest

from engine.errors import MissingLayers

from .conftest import KEY, Door


@pytest.fixture
async def api(door: Door):
    async with openai.AsyncOpenAI(base_url=f"{door.address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


async def test_a_text_goes_on(api, door: Door):
    made = await api.completions.create(model="tiny", prompt="one two", temperature=0.5, stop=["x"], seed=4)
    [choice] = made.choices
    assert (choice.text, choice.finish_reason, choice.index) == ("one two ", "stop", 0)
    assert (made.object, made.usage.total_tokens) == ("text_completion", 9)
    [asked] = door.replies.seen
    assert (asked.prompt, asked.temperature, asked.stop_strings, asked.seed) == (("one two",), 0.5, ("x",), 4)
    assert asked.token_limit == 16  # as with OpenAI, where nothing else is said


async def test_several_texts_each_go_on(api):
    made = await api.completions.create(model="tiny", prompt=["one", "two three"], echo=True, max_tokens=5)
    assert [(c.index, c.text) for c in made.choices] == [(0, "oneone "), (1, "two threetwo three ")]
    assert made.usage.completion_tokens == 3


@pytest.mark.parametrize("with_usage", [False, True])
async def test_a_stream_says_the_same_piece_by_piece(api, with_usage: bool):
    options = {"stream_options": {"include_usage": True}} if with_usage else {}
    stream = await api.completions.create(model="tiny", prompt=["a b", "c"], stream=True, **options)
    pieces = [piece async for piece in stream]
    said = [(c.index, c.text, c.finish_reason) for piece in pieces for c in piece.choices]
    assert said == [(0, "a ", None), (0, "b ", None), (0, "", "stop"), (1, "c ", None), (1, "", "stop")]
    assert [piece.usage.completion_tokens for piece in pieces if piece.usage] == ([3] if with_usage else [])


async def test_a_failure_is_said_before_and_in_a_stream(api, door: Door):
    door.replies.failure = MissingLayers("tiny", [(0, 2)], 4)
    with pytest.raises(openai.APIStatusError, match="tiny"):
        await api.completions.create(model="tiny", prompt="one two", stream=True)
    door.replies.fail_at = 1
    stream = await api.completions.create(model="tiny", prompt="one two", stream=True)
    assert (await anext(stream)).choices[0].text == "one "
    with pytest.raises(openai.APIError, match="tiny"):
        await anext(stream)


@pytest.mark.parametrize("prompt", ["", [], [1, 2, 3], [[1, 2]], ["a", ""], ["a"] * 65])
async def test_what_is_no_text_is_refused(api, door: Door, prompt):
    with pytest.raises(openai.BadRequestError, match="text"):
        await api.completions.create(model="tiny", prompt=prompt)
    assert door.replies.seen == []
