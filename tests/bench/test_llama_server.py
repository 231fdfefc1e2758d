"""llama.cpp's server, spoken by a small process of its own."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.bench.llama_server import Llama, find, running
from engine.errors import BadRequest


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = set(psutil.Process().children(recursive=True))
    yield
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_an_answer_has_its_tokens_and_when_they_came(program: Path) -> None:
    async with running(Llama(program, Path("a.gguf"), "F32"), threads=1, slots=2, context=64) as server:
        answer = await server.answer([3, 4], 5)
    assert answer.tokens == (5, 6, 7, 8, 9)
    assert answer.asked_at <= answer.times[0] <= answer.times[-1]


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        ("refuses", "it answers 400"),
        ("falls-short", "it gave 4 tokens instead of 5"),
        ("mumbles", "it says what its documentation does not"),
        ("babbles", "it says more than was asked for"),
    ],
)
async def test_what_it_says_is_not_trusted(program: Path, manner: str, words: str) -> None:
    async with running(Llama(program, Path(f"{manner}.gguf"), "F32"), 1, 1, 64) as server:
        with pytest.raises(BadRequest, match=words):
            await server.answer([3, 4], 5)


async def test_one_that_ends_says_why(program: Path) -> None:
    with pytest.raises(BadRequest, match="there is no such model"):
        async with running(Llama(program, Path("ends.gguf"), "F32"), 1, 1, 64):
            pytest.fail("it never served")


def test_it_is_found_by_its_path_or_its_name(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent.parent))
    assert find(None) is None
    assert find(program) == program
    monkeypatch.setenv("PATH", os.pathsep.join([str(program.parent), str(program.parent.parent)]))
    assert find(None) == program


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="is no program"):
        find(tmp_path / "nothing")
