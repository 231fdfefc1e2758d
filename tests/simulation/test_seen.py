from random import Random

from engine.placement.reading import MOST_OF_USUAL, view_of
from engine.placement.view import Server, SwarmView
from engine.simulation.population import computers
from engine.simulation.seen import SeenDirectory
from engine.wire.records import ModelSpan, ServerState, SpanRecord

MODELS = {"a" * 64: 8, "b" * 64: 5}
STATES = (ServerState.CHOOSING, ServerState.JOINING, ServerState.ONLINE)


def directory() -> SeenDirectory:
    return SeenDirectory(MODELS, {model: model[:1] for model in MODELS})


def record(peer: str, random: Random) -> SpanRecord:
    model = random.choice(tuple(MODELS))
    start = random.randrange(MODELS[model])
    end = random.randint(start + 1, MODELS[model])
    return SpanRecord(
        peer=peer,
        model=model,
        model_name=model[:1],
        start=start,
        end=end,
        n_layers=MODELS[model],
        state=random.choice(STATES),
        tokens_per_s=random.choice((1.0, 2.0, 3.0)),
        busy=0.5,
        expires=0.0,
    )


def server(of: SpanRecord) -> Server:
    return Server(of.peer, of.start, of.end, of.tokens_per_s * (of.end - of.start))


def spans(view: SwarmView) -> dict[str, set[tuple[object, ...]]]:
    return {
        model: {(s.peer, s.start, s.end, round(s.layer_tokens_per_s, 6)) for s in of.servers}
        for model, of in view.models.items()
        if of.servers
    }


def test_it_shows_what_the_real_reading_makes_of_records() -> None:
    random = Random(4)
    records = [record(computer.peer, random) for computer in computers(30, random)]
    seen = directory()
    for one in records:
        seen.put(one.model, server(one), one.state is not ServerState.CHOOSING)
    seen.load(dict.fromkeys(MODELS, 1.0))
    newcomer = computers(1, Random(9))[0].peer
    for peer in (newcomer, records[0].peer, records[1].peer):
        assert spans(seen.view(peer)) == spans(view_of(records, {peer}, peer))


def test_who_means_to_move_is_seen_as_the_real_reading_shows_it() -> None:
    random = Random(5)
    places = [record(computer.peer, random) for computer in computers(24, random)]
    stay = [place.model_copy(update={"state": ServerState.ONLINE, "tokens_per_s": 2.0}) for place in places]
    go = [one.model_copy(update={"moves_to": elsewhere(one, random)}) for one in stay[:8]]
    seen, records = directory(), [*go, *stay[8:]]
    for one in records:
        seen.put(one.model, server(one))
    for one in go:
        assert one.there is not None
        seen.intend(one.peer, (one.there.model, server(one.there)))
    seen.load(dict.fromkeys(MODELS, 1.0))
    for peer in (computers(1, Random(9))[0].peer, go[0].peer, stay[8].peer):
        assert spans(seen.view(peer)) == spans(view_of(records, {peer}, peer))
    for one in go[:4]:
        seen.intend(one.peer, None)
    stayed = [*stay[:4], *records[4:]]
    assert spans(seen.view(go[0].peer)) == spans(view_of(stayed, {go[0].peer}, go[0].peer))


def elsewhere(one: SpanRecord, random: Random) -> ModelSpan:
    """As quick there."""
    there = record(one.peer, random)
    rate = one.tokens_per_s * (one.end - one.start) / (there.end - there.start)
    fields = there.model_dump(include=set(ModelSpan.model_fields))
    return ModelSpan.model_validate(fields | {"tokens_per_s": rate})


def test_who_leaves_a_layer_alone_is_told_of() -> None:
    seen, (model, other) = directory(), MODELS
    seen.put(model, Server("p", 0, 5, 1.0))
    assert seen.put(model, Server("q", 4, 8, 1.0)) is None
    assert seen.put(model, Server("q", 3, 8, 1.0)) is None
    assert seen.put(model, Server("q", 6, 8, 1.0)) == model
    assert seen.put(model, Server("q", 5, 8, 1.0)) is None
    assert seen.put(other, Server("q", 0, 5, 1.0)) == model


def test_the_last_word_of_a_server_counts() -> None:
    seen, (first, second) = directory(), MODELS
    seen.put(first, Server("p", 0, 3, 1.0))
    seen.put(second, Server("p", 1, 2, 1.0))
    assert [len(seen.view("me").models[model].servers) for model in MODELS] == [0, 1]
    seen.remove("p")
    seen.remove("p")
    assert [len(seen.view("me").models[model].servers) for model in MODELS] == [0, 0]


def test_what_is_wanted_is_shown() -> None:
    seen, (first, second) = directory(), MODELS
    seen.load({first: 7.0})
    models = seen.view("me").models
    assert (models[first].wanted_tokens_per_s, models[second].wanted_tokens_per_s) == (7.0, 0.0)


def test_nobody_is_believed_to_be_much_quicker_than_usual() -> None:
    seen, model = directory(), next(iter(MODELS))
    for peer in range(5):
        seen.put(model, Server(str(peer), 0, 8, 1.0))
    seen.put(model, Server("braggart", 0, 8, 5000.0))
    rates = {server.peer: server.layer_tokens_per_s for server in seen.view("me").models[model].servers}
    assert rates["braggart"] == MOST_OF_USUAL
    assert rates["0"] == 1.0
