"""Block server processes that keep layers of the starter model in fewer bits."""

import pytest

from engine.private_swarm import PrivateSwarm

pytestmark = pytest.mark.starter

QUESTION = "What is the capital of France? Answer in one sentence."
TOKENS = 16


async def test_layers_in_the_same_bits_give_the_same_answer_on_one_server_and_on_two(
    starter_store, shell, ask, stream
):
    store, manifest = starter_store
    prompt = ask(QUESTION)
    answers, records = [], []
    for spans in (
        [(0, 30, (("int8", 4), ("nf4", 20), ("float32", 6)))],
        [(0, 15, (("int8", 4), ("nf4", 11))), (15, 30, (("nf4", 9), ("float32", 6)))],
    ):
        async with PrivateSwarm.open(store, manifest) as swarm:
            servers = [
                await swarm.add(start, end, threads=1, layer_precisions=kept) for start, end, kept in spans
            ]
            for server in servers:
                await server.online()
            answers.append(await stream(swarm, prompt, TOKENS).done)
            records.append(await swarm.directory.spans(manifest.digest))
            weights = sum(server.report.weights_bytes for server in servers)
    assert answers[0] == answers[1]
    assert "Paris" in shell.tokenizer.decode(answers[0])
    announced = [record.precisions for servers in records for record in sorted(servers, key=_start)]
    assert sum(announced[1:], ()) == announced[0] == ("int8",) * 4 + ("nf4",) * 20 + ("float32",) * 6
    assert weights < 0.4 * 4 * sum(manifest.matrix_values)


def _start(record) -> int:
    return record.start
