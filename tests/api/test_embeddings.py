"""`/v1/embeddings` with the official OpenAI client."""

import openai
import pytest

from engine.errors import BadRequest, MissingLayers

from .conftest import KEY, Door


@pytest.fixture
async def api(door: Door):
    async with openai.AsyncOpenAI(base_url=f"{door.address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


async def test_one_text_and_many(api):
    one = await api.embeddings.create(model="tiny", input="four", encoding_format="float")
    assert [item.embedding for item in one.data] == [[4.0, 0.25, -1.5]]
    assert (one.model, one.usage.prompt_tokens, one.usage.total_tokens) == ("tiny", 4, 4)
    many = await api.embeddings.create(model="tiny", input=["a", "bc"], encoding_format="float")
    assert [(item.index, item.embedding[0]) for item in many.data] == [(0, 1.0), (1, 2.0)]


async def test_base64_is_what_the_client_asks_for_by_itself(api):
    asked = await api.embeddings.create(model="tiny", input="four")
    assert asked.data[0].embedding == [4.0, 0.25, -1.5]
    raw = await api.embeddings.create(model="tiny", input="four", encoding_format="base64")
    assert raw.data[0].embedding == "AACAQAAAgD4AAMC/"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"input": [1, 2, 3]}, "Potluck reads texts, not token numbers"),
        ({"input": [[1, 2], [3]]}, "Potluck reads texts, not token numbers"),
        ({"input": []}, "input: send 1 to 2048 texts, none of them empty."),
        ({"input": ""}, "input: send 1 to 2048 texts, none of them empty."),
        ({"input": ["a", ""]}, "input: send 1 to 2048 texts, none of them empty."),
        ({"input": ["a"] * 2049}, "input: send 1 to 2048 texts, none of them empty."),
        ({"input": "a", "dimensions": 2}, "leave “dimensions” out"),
        ({"input": "a", "encoding_format": "int8"}, "encoding_format"),
    ],
)
async def test_what_cannot_be_asked(api, options, sentence):
    with pytest.raises(openai.BadRequestError, match=sentence):
        await api.embeddings.create(model="tiny", **options)


async def test_failures_have_names(api, door: Door):
    with pytest.raises(openai.NotFoundError, match="no model called “other”"):
        await api.embeddings.create(model="other", input="a")
    door.replies.failure = BadRequest("tiny writes text: choose a model that makes embeddings.")
    with pytest.raises(openai.BadRequestError, match="makes embeddings"):
        await api.embeddings.create(model="tiny", input="a")
    door.replies.failure = MissingLayers("tiny", [(1, 3)], 4)
    with pytest.raises(openai.InternalServerError) as caught:
        await api.embeddings.create(model="tiny", input="a")
    assert caught.value.code == "missing_layers"


async def test_a_floor_of_precision_is_handed_on(api, door: Door):
    await api.embeddings.create(model="tiny", input="a")
    await api.embeddings.create(model="tiny", input="a", extra_body={"potluck": {"min_precision": "float16"}})
    assert door.replies.floors == [None, "float16"]
