"""The official OpenAI client, against a real server on loopback."""

import asyncio

import openai
import pytest

from engine.errors import DiskFull, MissingLayers, PromptTooLong

from .conftest import KEY, Door

MESSAGES = [{"role": "user", "content": "one two three"}]


@pytest.fixture
async def api(door: Door):
    async with openai.AsyncOpenAI(base_url=f"{door.address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


async def test_whole_answer(api):
    answer = await api.chat.completions.create(model="tiny", messages=MESSAGES)
    assert answer.choices[0].message.content == "one two three "
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (7, 10)


async def test_streamed_answer_with_usage(api):
    stream = await api.chat.completions.create(
        model="tiny", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "one two three "
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 10


async def test_streamed_answer_without_usage_has_none(api):
    stream = await api.chat.completions.create(model="tiny", messages=MESSAGES, stream=True)
    assert all(chunk.usage is None and chunk.choices for chunk in [c async for c in stream])


async def test_synchronous_client(door: Door):
    def ask() -> tuple[str, str]:
        with openai.OpenAI(base_url=f"{door.address}/v1", api_key=KEY, max_retries=0) as client:
            whole = client.chat.completions.create(model="tiny", messages=MESSAGES)
            stream = client.chat.completions.create(model="tiny", messages=MESSAGES, stream=True)
            streamed = "".join(c.choices[0].delta.content or "" for c in stream)
        return whole.choices[0].message.content, streamed

    assert await asyncio.to_thread(ask) == ("one two three ", "one two three ")


async def test_models(api):
    assert [model.id async for model in api.models.list()] == ["tiny"]
    assert (await api.models.retrieve("tiny")).id == "tiny"
    with pytest.raises(openai.NotFoundError, match="no model called “other”"):
        await api.models.retrieve("other")


async def test_text_parts_and_unknown_fields(api, door: Door):
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    messages = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}]
    answer = await api.chat.completions.create(
        model="tiny", messages=messages, presence_penalty=0.5, user="x", extra_body={"top_k": 3}
    )
    assert answer.choices[0].message.content == "one two "
    assert [m.role for m in door.replies.seen[0].messages] == ["system", "user"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("failure", "kind", "status", "code"),
    [
        (PromptTooLong(200, 128), openai.BadRequestError, 400, "context_length_exceeded"),
        (MissingLayers("tiny", [(1, 3)], 4), openai.InternalServerError, 503, "missing_layers"),
        (DiskFull("The disk is full: free some space."), openai.InternalServerError, 507, "disk_full"),
        (RuntimeError("inner detail"), openai.InternalServerError, 500, "potluck_error"),
    ],
)
async def test_failures_before_the_first_text(api, door: Door, stream, failure, kind, status, code):
    door.replies.failure = failure
    with pytest.raises(kind) as caught:
        await api.chat.completions.create(model="tiny", messages=MESSAGES, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert "inner detail" not in str(caught.value)


async def test_failure_inside_a_stream(api, door: Door):
    door.replies.failure, door.replies.fail_at = MissingLayers("tiny", [(1, 3)], 4), 2
    stream = await api.chat.completions.create(model="tiny", messages=MESSAGES, stream=True)
    texts = [(await anext(stream)).choices[0].delta.content for _ in range(3)]
    with pytest.raises(openai.APIError, match="nobody serves layers 2–3"):
        await anext(stream)
    assert texts == ["", "one ", "two "]


async def test_wrong_key_and_bad_request(api, door: Door):
    with pytest.raises(openai.AuthenticationError):
        await api.with_options(api_key="wrong").models.list()
    with pytest.raises(openai.BadRequestError, match="temperature"):
        await api.chat.completions.create(model="tiny", messages=MESSAGES, temperature=9)
    sound = [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "x"}}]}]
    with pytest.raises(openai.BadRequestError, match="input_audio"):
        await api.chat.completions.create(model="tiny", messages=sound)


async def test_a_floor_of_precision_is_handed_on(api, door: Door):
    asked = dict(model="tiny", messages=MESSAGES)
    await api.chat.completions.create(**asked)
    await api.chat.completions.create(**asked, extra_body={"potluck": {"min_precision": "int8"}})
    assert [request.floor for request in door.replies.seen] == [None, "int8"]


@pytest.mark.parametrize("demands", [{"min_precision": "int3"}, {"min_precison": "int8"}, "int8"])
async def test_demands_that_are_not_understood_are_refused(api, demands):
    with pytest.raises(openai.BadRequestError, match="potluck"):
        await api.chat.completions.create(model="tiny", messages=MESSAGES, extra_body={"potluck": demands})


async def test_hanging_up_stops_a_streamed_answer(api, door: Door):
    door.replies.hang_at = 1
    stream = await api.chat.completions.create(model="tiny", messages=MESSAGES, stream=True)
    await anext(stream)
    assert not door.replies.stopped.is_set()
    await stream.close()
    await asyncio.wait_for(door.replies.stopped.wait(), 30)


@pytest.mark.parametrize("stream", [False, True])
async def test_hanging_up_stops_an_answer_that_has_not_begun(api, door: Door, stream):
    door.replies.hang_at = 0
    asking = asyncio.create_task(api.chat.completions.create(model="tiny", messages=MESSAGES, stream=stream))
    async with asyncio.timeout(30):
        while not door.replies.seen:  # noqa: ASYNC110 (a plain list)
            await asyncio.sleep(0.01)
    await asyncio.wait({asking}, timeout=0.1)
    assert not door.replies.stopped.is_set()
    asking.cancel()
    await asyncio.wait_for(door.replies.stopped.wait(), 30)
