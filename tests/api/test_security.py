import httpx
import pytest

from engine.api.answers import MAX_BODY, MAX_CHAT_BODY
from engine.api.openai_schema import ErrorBody

from .conftest import KEY, Door

STATUS = "/potluck/v1/status"
WRONG_KEYS = ["", KEY, "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer ü"]
FOREIGN_HOSTS = ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}"]
FOREIGN_ORIGINS = ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
BAD_BODIES = [b"", b"{", b"[]", b'{"action": "dance"}', b'{"action": "pause", "for_seconds": -1}']


async def ask(door: Door, method: str = "GET", path: str = STATUS, **options) -> httpx.Response:
    headers = {**door.headers, **options.pop("headers", {})}
    async with httpx.AsyncClient(base_url=door.address, trust_env=False) as http:
        return await http.request(method, path, headers=headers, **options)


def error_code(response: httpx.Response) -> str:
    return ErrorBody.model_validate_json(response.content).error.code


@pytest.mark.parametrize("authorization", WRONG_KEYS)
async def test_a_wrong_key_is_refused(door: Door, authorization):
    response = await ask(door, headers={"Authorization": authorization.encode("latin-1")})
    assert (response.status_code, error_code(response)) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("options", "template"),
    [
        (
            {"headers": {"Authorization": "Bearer wrong"}},
            "The key is missing or wrong: send the engine's key as a bearer token.",
        ),
        (
            {"headers": {"Host": "evil.example"}},
            "This door opens only to its own address: ask for 127.0.0.1 and its port.",
        ),
        (
            {"headers": {"Origin": "http://evil.example"}},
            "Web pages of other origins may not use Potluck's local API.",
        ),
        (
            {"method": "POST", "path": "/potluck/v1/donation", "content": b"[]"},
            "The request cannot be read: {complaint}.",
        ),
    ],
)
async def test_a_refusal_brings_what_a_window_needs_to_say_it_in_its_language(
    door: Door, options: dict, template: str
):
    response = await ask(door, **options)
    sentence = ErrorBody.model_validate_json(response.content).error.sentence
    assert sentence is not None
    assert sentence.template == template
    assert response.json()["error"]["message"] == sentence  # English for everybody else


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_a_rebound_name_is_refused(door: Door, host):
    response = await ask(door, headers={"Host": host.format(port=door.port)})
    assert (response.status_code, error_code(response)) == (403, "foreign_caller")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_loopback_names_are_welcome(door: Door, name):
    headers = {"Host": f"{name}:{door.port}", "Origin": f"http://{name.lower()}:{door.port}"}
    assert (await ask(door, headers=headers)).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_foreign_origin_is_refused(door: Door, origin):
    response = await ask(door, headers={"Origin": origin.format(port=door.port)})
    assert (response.status_code, error_code(response)) == (403, "foreign_caller")


async def test_a_body_that_is_too_large_is_refused_stated_or_not(door: Door):
    async def unstated(size: int):
        while size > 0:
            yield b" " * min(size, 1 << 20)
            size -= 1 << 20

    for path, limit in (("/potluck/v1/donation", MAX_BODY), ("/v1/chat/completions", MAX_CHAT_BODY)):
        for body in (b" " * (limit + 1), unstated(limit + 1)):
            try:
                response = await ask(door, "POST", path, content=body)
            except httpx.TransportError:
                continue  # the door was closed while the rest was on its way
            assert (response.status_code, error_code(response)) == (413, "body_too_large")
    assert door.replies.seen == []
    assert door.control.orders == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/v1/nothing"), ("DELETE", STATUS)])
async def test_unknown_routes(door: Door, method, path):
    response = await ask(door, method, path)
    assert (response.status_code, error_code(response)) == (404, "not_found")


@pytest.mark.parametrize("body", BAD_BODIES)
async def test_a_request_that_cannot_be_read(door: Door, body):
    response = await ask(door, "POST", "/potluck/v1/donation", content=body)
    assert (response.status_code, error_code(response)) == (400, "bad_request")
    assert "\n" not in response.json()["error"]["message"]
