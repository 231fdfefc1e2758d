"""What a streamed answer says while other servers take layers over."""

import json

from engine.api.openai_routes import ChunkWriter
from engine.api.openai_schema import ChatChunk, ChatMessage, ChatRequest
from engine.api.schema import AnswerReport, AnswerStatus
from engine.generate.events import TextPiece


def chunk_of(piece: TextPiece) -> dict[str, object]:
    request = ChatRequest(model="m", messages=(ChatMessage(role="user", content="Hi"),), stream=True)
    [line] = ChunkWriter(request).lines(piece)
    return json.loads(line.decode().removeprefix("data: "))


def test_a_status_travels_beside_an_empty_text() -> None:
    status = AnswerStatus(repairing=((8, 16),))
    value = chunk_of(TextPiece("", 3, status))
    assert value["choices"][0]["delta"] == {"content": ""}  # any OpenAI client adds nothing
    assert ChatChunk.model_validate_json(json.dumps(value)).potluck_status == status


def test_text_travels_without_one() -> None:
    assert "potluck_status" not in chunk_of(TextPiece("Hi", 1))


def test_a_report_travels_beside_the_text_that_it_is_of() -> None:
    report = AnswerReport(tokens=3, tokens_per_s=2.5)
    value = chunk_of(TextPiece("Hi", 3, report=report))
    assert value["choices"][0]["delta"] == {"content": "Hi"}
    assert ChatChunk.model_validate_json(json.dumps(value)).potluck == report
