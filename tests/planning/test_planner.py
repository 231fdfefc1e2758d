from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.byte_sizes import GB, MB
from engine.errors import BadRequest, UnknownModel
from engine.machine.estimates import estimated
from engine.machine.facts import Cpu, Gpu, GpuProcess, Machine, Vendor
from engine.machine.speeds import CPU
from engine.placement.view import ModelView, Server, SwarmView
from engine.planning.memory import SHORT_CHAT, token_bytes
from engine.planning.models import ModelShape
from engine.planning.planner import plan, server_of
from engine.planning.plans import HostPlan, PlacePlan
from engine.planning.situation import Situation
from engine.precision import at_least
from engine.settings import HostSettings
from tests.planning.shapes import LLAMA_8B, LLAMA_70B, llama

SMALL = llama("Starter", 30, 576, 1536, 9, 3, context=8192)
CARD = Gpu(
    0,
    "Card",
    total_bytes=24 * GB,
    free_bytes=24 * GB,
    capability=(8, 9),
    uid="GPU-a",
    multiprocessors=82,
    clock_hz=1.7e9,
    memory_bytes_per_s=9e11,
)
OTHER_CARD = replace(CARD, index=1, name="Other card", free_bytes=23 * GB, uid="GPU-b")


def machine(*cards: Gpu, available: int = 16 * GB) -> Machine:
    return Machine(Cpu(physical_cores=8, vector_units=frozenset({"avx2"})), 2 * available, available, cards)


def situation(found: Machine, *models: ModelShape, **about) -> Situation:
    """All layers are in the store, unless said otherwise."""
    held = {shape.digest: frozenset(range(shape.n_layers)) for shape in models}
    return Situation(found, estimated(found), models, **({"held": held} | about))


def plans(found: Machine, *models: ModelShape, **about) -> dict[str, PlacePlan]:
    return {one.place: one for one in plan(situation(found, *models, **about))}


def served(found: Machine, *models: ModelShape, **about) -> HostPlan:
    """By the only device that serves."""
    [one] = [one.plan for one in plans(found, *models, **about).values() if one.plan is not None]
    return one


def swarm(shape: ModelShape, *spans: tuple[int, int], rate: float = 1e4, wanted: float = 0.0) -> SwarmView:
    servers = tuple(Server(f"peer {at}", *span, rate) for at, span in enumerate(spans))
    view = ModelView(shape.digest, shape.name, shape.n_layers, servers, wanted)
    return SwarmView({shape.digest: view})


def test_a_cpu_alone_serves_a_small_model_whole():
    chosen = served(machine(), SMALL)
    assert (chosen.device, chosen.start, chosen.end, chosen.precision) == ("cpu", 0, 30, "float32")
    assert chosen.why.startswith("All 30 layers of Starter in float32: nobody serves Starter yet, and ")


def test_the_cpu_is_left_alone_where_a_card_serves():
    found = plans(machine(CARD), LLAMA_8B)
    assert found["GPU-a"].plan is not None
    assert found[CPU].plan is None
    assert (
        found[CPU].regret
        == "The CPU is left alone, because Card serves: it would be slower, and chats need it."
    )


def test_the_owner_may_say_that_the_cpu_serves_too():
    found = plans(machine(CARD), SMALL, wishes=HostSettings(devices=("GPU-a", CPU)))
    assert all(one.plan is not None for one in found.values())


def test_a_card_with_too_little_free_memory_leaves_the_work_to_the_cpu():
    busy = replace(CARD, free_bytes=GB, processes=(GpuProcess(1, "game", 22 * GB),))
    found = plans(machine(busy), SMALL)
    assert "game holds 22 GB" in str(found["GPU-a"].regret)
    assert found[CPU].plan is not None


def test_each_next_card_sees_what_the_ones_before_it_will_serve():
    found = plans(machine(CARD, OTHER_CARD), LLAMA_70B)
    first, second = found["GPU-a"].plan, found["GPU-b"].plan
    assert first is not None
    assert second is not None
    assert first.start == 0
    assert second.start <= first.end < second.end


def test_what_others_lack_is_served():
    around = swarm(LLAMA_70B, (0, 40), (0, 40), (60, 80))
    chosen = served(machine(CARD), LLAMA_70B, swarm=around)
    assert chosen.start <= 40
    assert chosen.end >= 60
    assert "nobody serves layers 41–60 of Llama 3.1 70B yet, and with them it is complete" in chosen.why


def test_of_two_models_the_wanted_one_is_served():
    views = (swarm(LLAMA_8B, (0, 32), wanted=900.0), swarm(SMALL, (0, 30)))
    around = SwarmView({digest: view for one in views for digest, view in one.models.items()})
    found = plans(machine(CARD), SMALL, LLAMA_8B, swarm=around)["GPU-a"]
    assert found.plan is not None
    assert found.plan.model_name == "Llama 3.1 8B"
    assert any(
        other.model_name == "Starter" and "the other model is needed more" in other.why_not
        for other in found.alternatives
    )


def test_no_span_is_so_slow_that_nobody_waits_for_it():
    roomy = machine(available=400 * GB)
    chosen = served(roomy, LLAMA_70B)
    assert chosen.end < 80
    assert f"{chosen.end} layers are what CPU, 7 threads computes in 8 seconds for each token" in chosen.why
    assert served(roomy, LLAMA_70B, wishes=HostSettings(layers=(0, 80))).end == 80


def test_alternatives_say_why_they_are_none():
    found = plans(machine(CARD), LLAMA_70B)["GPU-a"]
    assert 0 < len(found.alternatives) <= 5
    assert all(0 <= other.worth <= 1 and other.why_not.endswith(".") for other in found.alternatives)
    assert [other.worth for other in found.alternatives] == sorted(
        (other.worth for other in found.alternatives), reverse=True
    )
    assert any("fewer fit in int8" in other.why_not for other in found.alternatives)


def test_a_models_floor_is_kept():
    fine = replace(LLAMA_70B, floor="bfloat16")
    assert set(served(machine(CARD), fine).layer_precisions) == {"bfloat16"}
    assert "nf4" in served(machine(CARD), LLAMA_70B).layer_precisions


def test_the_owner_wins():
    wishes = HostSettings(layers=(10, 14), precision="int8", threads=2, cache_bytes=GB, devices=("GPU-a",))
    chosen = served(machine(CARD), LLAMA_70B, wishes=wishes)
    assert (chosen.start, chosen.end, set(chosen.layer_precisions)) == (10, 14, {"int8"})
    assert (chosen.threads, chosen.memory.cache) == (2, GB)
    assert "you chose these layers" in chosen.why


def test_the_owners_precision_wins_over_the_floor():
    fine = replace(LLAMA_70B, floor="bfloat16")
    wishes = HostSettings(precision="nf4")
    assert set(served(machine(CARD), fine, wishes=wishes).layer_precisions) == {"nf4"}


def test_layers_that_the_owner_chose_are_as_fine_as_fits():
    chosen = served(machine(CARD), LLAMA_70B, wishes=HostSettings(layers=(0, 20)))
    assert {"int8", "bfloat16"} & set(chosen.layer_precisions)
    assert all(at_least(precision, "int8") for precision in chosen.layer_precisions)


def test_layers_that_the_owner_chose_are_served_once():
    found = plans(machine(CARD, OTHER_CARD), LLAMA_70B, wishes=HostSettings(layers=(0, 8)))
    assert found["GPU-b"].regret == "The layers you chose are served on Card already."


def test_the_owners_model_is_taken_by_name_or_digest():
    for name in (SMALL.name, SMALL.digest):
        chosen = served(machine(CARD), LLAMA_8B, SMALL, wishes=HostSettings(model=name))
        assert chosen.model == SMALL.digest


@pytest.mark.parametrize("layers", [(0, 31), (5, 5), (7, 3), (-1, 3)])
def test_layers_that_the_model_has_not(layers):
    with pytest.raises(BadRequest, match="Starter has layers 1 to 30"):
        plan(situation(machine(), SMALL, wishes=HostSettings(layers=layers)))


def test_a_model_that_nobody_knows():
    with pytest.raises(UnknownModel, match="Goulash"):
        plan(situation(machine(), SMALL, wishes=HostSettings(model="Goulash")))


def test_without_any_model_there_is_nothing_to_serve():
    assert all("No model is known yet" in str(one.regret) for one in plans(machine(CARD)).values())


def test_where_nothing_fits_need_and_have_are_said():
    found = plans(machine(available=4 * GB), LLAMA_70B)[CPU]
    assert found.plan is None
    assert str(found.regret).startswith("Not even one layer of Llama 3.1 70B fits into memory: ")
    assert "2.0 GB may be used on CPU, 7 threads" in str(found.regret)
    chosen = plans(machine(available=4 * GB), SMALL, wishes=HostSettings(layers=(0, 30), cache_bytes=9 * GB))
    assert "The layers you chose do not fit into memory" in str(chosen[CPU].regret)
    assert str(chosen[CPU].regret).endswith("; close other programs.")


def test_where_the_owner_gives_too_little_memory_more_is_asked_for():
    found = plans(machine(), SMALL, wishes=HostSettings(memory_bytes=1000))[CPU]
    assert str(found.regret).endswith("1.0 KB may be used on CPU, 7 threads; allow more.")


def test_a_card_that_may_give_less_serves_fewer_layers_and_the_other_one_the_same():
    found = machine(CARD, OTHER_CARD)
    before = plans(found, LLAMA_70B)
    limited = HostSettings(memory_by_device={OTHER_CARD.key: 8 * GB, "not here": GB})
    after = plans(found, LLAMA_70B, wishes=limited)
    assert after[CARD.key].plan == before[CARD.key].plan
    first, second = after[OTHER_CARD.key].plan, before[OTHER_CARD.key].plan
    assert first is not None
    assert second is not None
    assert first.memory.total <= 8 * GB
    assert 0 < first.end - first.start < second.end - second.start
    least = plans(found, LLAMA_70B, wishes=HostSettings(memory_by_device={OTHER_CARD.key: GB}))
    assert str(least[OTHER_CARD.key].regret).endswith("1.0 GB may be used on Other card; allow more.")


@settings(deadline=None, max_examples=25)
@given(st.integers(GB, 24 * GB), st.none() | st.integers(GB, 24 * GB))
def test_no_card_serves_more_than_its_own_limit(own: int, common: int | None):
    wishes = HostSettings(memory_bytes=common, memory_by_device={CARD.key: own})
    for key, one in plans(machine(CARD, OTHER_CARD), LLAMA_8B, wishes=wishes).items():
        limit = wishes.memory_of(key)
        assert one.plan is None or limit is None or one.plan.memory.total <= limit


def test_a_cache_that_holds_no_chat_is_refused_and_a_small_one_shortens_the_span():
    found = plans(machine(CARD), LLAMA_8B, wishes=HostSettings(cache_bytes=1000, devices=("GPU-a",)))
    assert str(found["GPU-a"].regret).startswith("A cache of 1.0 KB holds no chat with Llama 3.1 8B: allow ")
    few = served(machine(CARD), LLAMA_8B, wishes=HostSettings(cache_bytes=8 * MB, devices=("GPU-a",)))
    held = few.memory.cache // token_bytes(LLAMA_8B.layers[few.start : few.end], "bfloat16")
    assert held >= SHORT_CHAT
    assert few.end - few.start < LLAMA_8B.n_layers


def test_a_precision_that_the_device_cannot_do():
    old = replace(CARD, capability=(5, 2))
    found = plans(machine(old), LLAMA_8B, wishes=HostSettings(precision="nf4", devices=("GPU-a",)))
    assert found["GPU-a"].regret == "Card cannot keep weights in nf4: choose another precision."


# --- what is served already


def test_devices_that_share_the_main_memory_take_it_once():
    cards = [
        Gpu(at, f"Card {at}", vendor=Vendor.INTEL, uid=f"card {at}", shares_memory=True, total_bytes=64 * GB)
        for at in range(2)
    ]
    found, wishes = machine(*cards, available=40 * GB), HostSettings(devices=("card 0", "card 1", CPU))
    made = plans(found, LLAMA_70B, wishes=wishes)
    assert sum(one.plan.memory.total for one in made.values() if one.plan) <= 20 * GB
    assert made["card 0"].plan is not None
    serving = {key: one.plan for key, one in made.items() if one.plan}
    left = machine(*cards, available=40 * GB - made["card 0"].plan.memory.total)
    again = plans(left, LLAMA_70B, wishes=wishes, serving=serving)
    assert {key: one.plan for key, one in again.items() if one.plan} == serving


def test_no_more_is_served_than_the_disk_holds():
    size = LLAMA_70B.layers[0].stored_bytes
    for room, count in ((10 * size, 10), (10 * size - 1, 9)):
        found = served(machine(CARD), LLAMA_70B, room={LLAMA_70B.digest: room})
        assert found.end - found.start == count
    both = plans(machine(CARD, OTHER_CARD), LLAMA_70B, room={LLAMA_70B.digest: 10 * size})
    assert sum(one.plan.end - one.plan.start for one in both.values() if one.plan) == 10
    assert "disk has no room" in both[OTHER_CARD.key].regret
    whole = plans(machine(), SMALL, room={SMALL.digest: 0})
    assert "disk has no room for a layer" in whole[CPU].regret


def test_a_server_stays_where_nothing_has_changed():
    first = served(machine(CARD), LLAMA_70B)
    full = replace(CARD, free_bytes=CARD.free_bytes - first.memory.total)
    again = plans(machine(full), LLAMA_70B, serving={"GPU-a": first}, served_seconds={"GPU-a": 9e4})
    assert again["GPU-a"].plan == first


def test_layers_that_the_owner_chose_stay_as_they_are_while_memory_comes_and_goes():
    wishes = HostSettings(layers=(0, 20))
    first = served(machine(CARD), LLAMA_70B, wishes=wishes)
    full = replace(CARD, free_bytes=GB)
    again = plans(machine(full), LLAMA_70B, wishes=wishes, serving={"GPU-a": first})
    assert again["GPU-a"].plan == first
    other = served(machine(CARD), LLAMA_70B, wishes=HostSettings(layers=(0, 10)), serving={"GPU-a": first})
    assert (other.start, other.end) == (0, 10)


def test_a_server_moves_to_a_hole_that_matters_more():
    first = served(machine(CARD), LLAMA_70B, swarm=swarm(LLAMA_70B, (40, 80)))
    assert first.start == 0
    around = swarm(LLAMA_70B, (0, 40), (0, 40), (0, 40))
    about = {"serving": {"GPU-a": first}, "served_seconds": {"GPU-a": 9e4}, "swarm": around}
    moved = served(machine(CARD), LLAMA_70B, **about)
    assert moved.end == 80
    assert "nobody serves layers" in moved.why


def test_chance_is_not_asked_again_once_a_move_has_begun(monkeypatch):
    draws = []
    monkeypatch.setattr("engine.planning.staying.move", lambda *about: draws.append(about[-1].draw))
    about = {"serving": {"GPU-a": served(machine(CARD), LLAMA_70B)}, "draw": 0.7}
    plans(machine(CARD), LLAMA_70B, **about)
    plans(machine(CARD), LLAMA_70B, **about, moving=frozenset({"GPU-a"}))
    assert draws == [0.7, 0.0]


def test_a_server_leaves_a_model_that_its_owner_no_longer_wants():
    first = served(machine(CARD), LLAMA_8B)
    chosen = served(
        machine(CARD), LLAMA_8B, SMALL, serving={"GPU-a": first}, wishes=HostSettings(model="Starter")
    )
    assert chosen.model == SMALL.digest


def test_a_server_changes_to_the_precision_that_its_owner_wants():
    first = served(machine(CARD), LLAMA_8B)
    wishes = HostSettings(precision="nf4")
    chosen = served(machine(CARD), LLAMA_8B, serving={"GPU-a": first}, wishes=wishes)
    assert set(chosen.layer_precisions) == {"nf4"}


def test_others_see_as_much_as_is_served():
    chosen = served(machine(CARD), LLAMA_8B)
    server = server_of(chosen)
    assert (server.start, server.end) == (chosen.start, chosen.end)
    assert server.layer_tokens_per_s == pytest.approx(chosen.tokens_per_s * (chosen.end - chosen.start))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 100 * GB), max_size=3),
    st.integers(0, 100 * GB),
    st.lists(st.sampled_from([LLAMA_8B, LLAMA_70B, SMALL]), min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(st.integers(0, 70), st.integers(1, 10)), max_size=5),
)
def test_every_device_has_a_plan_that_fits_or_a_reason(cards, available, models, spans):
    gpus = tuple(replace(CARD, index=at, free_bytes=free, uid=f"GPU-{at}") for at, free in enumerate(cards))
    around = swarm(LLAMA_70B, *((start, start + layers) for start, layers in spans))
    found = plan(situation(machine(*gpus, available=available), *models, swarm=around))
    assert len(found) == len(cards) + 1
    for one in found:
        assert (one.plan is None) != (one.regret is None)
        if one.plan is not None:
            assert one.plan.memory.total <= one.plan.memory.budget
            assert 0 <= one.plan.start < one.plan.end <= one.plan.n_layers
            assert all(at_least(precision, "nf4") for precision in one.plan.layer_precisions)
