"""Chats with models whose shell is elsewhere, or was damaged here."""

from collections.abc import AsyncIterator

import pytest

from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.api.schema import AnswerReport, ModelInfo
from engine.errors import UnknownModel, WrongHash
from engine.generate.events import Finished, TextPiece
from engine.supply.supplied_replies import SuppliedReplies
from tests.supply.test_supply import SmallSwarm, model_of_others, supply_of, swarm

__all__ = ["swarm"]


class ShellReader:
    """Says what is in the model's shell, which it reads from the layer store."""

    def __init__(self, swarm: SmallSwarm, pieces: int = 1) -> None:
        self._swarm = swarm
        self._pieces = pieces
        self.fails_after: int | None = None

    async def models(self) -> tuple[ModelInfo, ...]:
        own = self._swarm.store.manifests()
        return tuple(
            ModelInfo(name=m.name, digest=m.digest, n_layers=m.n_layers, context=m.context, local=True)
            for m in own
        )

    async def reply(self, request: ChatRequest) -> AsyncIterator[TextPiece | Finished]:
        manifest = self._swarm.store.manifest(request.model)
        for index in range(self._pieces):
            if index == self.fails_after:
                raise WrongHash("A part was damaged: fetch it again.")
            yield TextPiece(self._swarm.store.read(manifest.shell).decode(), index)
        yield Finished("stop", 1, 1, AnswerReport())

    async def embed(self, model: str, texts: list[str], floor: str | None = None) -> bytes:
        return self._swarm.store.read(self._swarm.store.manifest(model).shell)

    def close(self) -> None:
        pass


def replies_of(swarm: SmallSwarm, reader: ShellReader) -> SuppliedReplies:
    return SuppliedReplies(reader, supply_of(swarm), swarm)


async def text_of(replies: SuppliedReplies, model: str = "Soup") -> str:
    request = ChatRequest(model=model, messages=(ChatMessage(role="user", content="?"),))
    events = [event async for event in replies.reply(request)]
    return "".join(event.text for event in events if isinstance(event, TextPiece))


async def test_the_swarms_models_are_listed_beside_the_own_ones(swarm):
    manifest = model_of_others(swarm, servers=2)
    replies = replies_of(swarm, ShellReader(swarm))
    [seen] = await replies.models()
    assert (seen.name, seen.digest, seen.local, seen.servers) == ("Soup", manifest.digest, False, 2)
    assert seen.complete
    await text_of(replies)
    assert [info.local for info in await replies.models()] == [True]
    swarm.store.path(manifest.shell).unlink()
    assert [info.local for info in await replies.models()] == [False]


async def test_a_shell_is_fetched_when_it_is_first_needed(swarm):
    model_of_others(swarm)
    replies = replies_of(swarm, ShellReader(swarm))
    assert await text_of(replies) == "shell of Soup"
    with pytest.raises(UnknownModel):
        await text_of(replies, "Stew")


async def test_a_damaged_shell_is_fetched_again_within_the_same_answer(swarm):
    manifest = model_of_others(swarm)
    replies = replies_of(swarm, ShellReader(swarm))
    await text_of(replies)
    swarm.store.path(manifest.shell).write_bytes(b"shell of Stew")  # of the same size
    assert await text_of(replies) == "shell of Soup"
    swarm.store.path(manifest.shell).write_bytes(b"shell of Stew")
    assert await replies.embed("Soup", ["?"]) == b"shell of Soup"


async def test_an_answer_that_has_begun_is_not_begun_again(swarm):
    model_of_others(swarm)
    reader = ShellReader(swarm, pieces=3)
    reader.fails_after = 2
    with pytest.raises(WrongHash):
        await text_of(replies_of(swarm, reader))
