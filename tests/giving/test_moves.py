"""From one span to another, who is told before, and what several devices do side by side."""

import asyncio
import dataclasses
import time

import psutil
import pytest

from engine.api.schema import DonationOrder, Reason, ServerPhase
from engine.condition import Facts, Preparation, Span, condition
from engine.errors import DiskFull, NotEnoughMemory, PartsMissing
from engine.giving.giving import Giving
from engine.settings import Settings
from engine.supervisor.decide import Stage
from engine.swarm_client import SwarmClient
from tests.giving.conftest import QUICK, Begin
from tests.giving.records import changed, record
from tests.giving.stand_ins import Company, Script, Shop, host_plan, no_plan, watched
from tests.giving.test_fetching import PAUSE, START, is_online, phase, post
from tests.stand_in_engine import MANIFEST, EchoReplies
from tests.waiting import until

FIRST, SECOND = host_plan(0, 2), host_plan(2, 4)
OFTEN = dataclasses.replace(QUICK, every=(0.05, 0.1))
SLOWLY = dataclasses.replace(QUICK, settle=0.5)
SECOND_SPAN = Span("tiny", 2, 4, 4, MANIFEST.digest)


@pytest.fixture(autouse=True)
def all_is_here(shop: Shop) -> None:
    shop.missing = False


def span(giving: Giving) -> tuple[int, int] | None:
    """None: no process runs."""
    return next(((server.start, server.end) for server in giving.servers), None)


async def serving(begin: Begin, script: Script, manner: str = "good", **changes: object) -> Giving:
    script.write(FIRST)
    giving = await begin(manner, **changes)
    await giving.order(START)
    await until(lambda: is_online(giving))
    return giving


async def test_who_is_alone_asks_nobody(begin: Begin, script: Script):
    giving = await serving(begin, script)
    assert len(script.situations) == 1
    assert span(giving) == (0, 2)


async def test_among_others_it_is_decided_again_when_all_have_said_what_they_choose(
    begin: Begin, script: Script
):
    script.write(FIRST)
    giving = await begin(others=1, replan=dataclasses.replace(QUICK, settle=0.3))
    await giving.order(START)
    await until(lambda: phase(giving) is ServerPhase.CHOOSING)
    script.write(SECOND)
    pid = giving.servers[0].pid
    await until(lambda: is_online(giving))
    assert (span(giving), giving.servers[0].pid) == ((2, 4), pid)
    assert len(script.situations) == 2
    assert not script.situations[1].serving  # bound to nothing


async def test_what_does_not_change_stays(begin: Begin, script: Script):
    giving = await serving(begin, script, replan=OFTEN)
    pid = giving.servers[0].pid
    async with watched(giving):
        await until(lambda: len(script.situations) > 4)
    assert giving.servers[0].pid == pid
    assert script.situations[-1].serving == {"cpu": dataclasses.replace(FIRST, tokens_per_s=20.0)}  # as shown
    assert script.situations[-1].served_seconds["cpu"] > 0


async def test_a_move_drains_first_and_says_so(begin: Begin, script: Script):
    giving = await serving(begin, script)
    pid = giving.servers[0].pid
    script.write(SECOND)
    await giving.apply()
    assert post(giving).view.state.stage is Stage.DRAINING
    assert span(giving) == (0, 2)
    assert said(giving) == "Moving to layers 3–4 of 4 of tiny: nobody serves layers 3–4"
    await until(lambda: is_online(giving) and giving.servers[0].pid != pid)
    assert (span(giving), post(giving).moves_to) == ((2, 4), None)


async def test_a_drain_without_end_is_cut_short(begin: Begin, script: Script, monkeypatch):
    monkeypatch.setattr("engine.giving.post.MOST_DRAIN_SECONDS", 0.3)
    giving = await serving(begin, script, "drains_for_ever")
    script.write(SECOND)
    await giving.apply()
    assert post(giving).view.state.stage is Stage.DRAINING
    await until(lambda: is_online(giving) and span(giving) == (2, 4))


async def test_the_same_layers_in_a_better_precision_are_a_move(begin: Begin, script: Script):
    coarse = dataclasses.replace(FIRST, layer_precisions=("int8", "int8"))
    script.write(coarse)
    giving = await begin()
    await giving.order(START)
    await until(lambda: is_online(giving))
    assert giving.servers[0].layer_precisions == "int8"
    script.write(FIRST)
    await giving.apply()
    await until(lambda: is_online(giving) and giving.servers[0].layer_precisions == "float32")


async def test_the_layers_of_a_move_come_while_the_old_ones_are_served(
    begin: Begin, script: Script, shop: Shop
):
    giving = await serving(begin, script, replan=OFTEN)
    shop.missing = True
    script.write(SECOND)
    async with watched(giving):
        await until(lambda: post(giving).moves_to is not None)
        assert (is_online(giving), span(giving)) == (True, (0, 2))
        assert said(giving).startswith("Moving to layers 3–4")
        await until(lambda: script.situations[-1].moving == {"cpu"})  # not left to chance once more
        shop.open.set()
        await until(lambda: span(giving) == (2, 4))


async def test_a_move_that_pays_no_longer_is_called_off(begin: Begin, script: Script, shop: Shop):
    giving = await serving(begin, script)
    shop.missing = True
    script.write(SECOND)
    await giving.apply()
    script.write(FIRST)
    await giving.apply()
    await until(lambda: shop.left)
    assert post(giving).moves_to is None
    assert is_online(giving)
    await giving.apply()
    assert not script.situations[-1].moving


async def test_layers_that_do_not_come_move_nobody(begin: Begin, script: Script, shop: Shop):
    giving = await serving(begin, script)
    shop.missing, shop.failures = True, [PartsMissing("Nobody has layer 3 of tiny: wait.")]
    script.write(SECOND)
    await giving.apply()
    await until(lambda: shop.asked and post(giving).moves_to is None)
    assert (is_online(giving), post(giving).fetch_failure) == (True, None)


async def test_another_model_whose_layers_do_not_come_is_left_for_others(
    begin: Begin, script: Script, shop: Shop
):
    other = changed(context=128)
    shop.models[other.digest], shop.others = other, (record(), record(model=other.digest))
    giving = await serving(begin, script)
    shop.missing, shop.failures = True, [PartsMissing("Nobody has layer 1: wait.")]
    script.write(dataclasses.replace(FIRST, model=other.digest))
    await giving.apply()
    assert {shape.digest for shape in script.situations[-1].models} == {MANIFEST.digest, other.digest}
    await until(lambda: shop.asked and post(giving).moves_to is None)
    script.write(FIRST)
    await giving.apply()
    assert [shape.digest for shape in script.situations[-1].models] == [MANIFEST.digest]
    assert is_online(giving)


async def test_without_room_for_both_the_old_layers_go_first(
    begin: Begin, script: Script, shop: Shop, monkeypatch
):
    giving = await serving(begin, script)
    monkeypatch.setattr(giving._store, "check_space", refuse)
    shop.missing = True
    shop.open.set()
    script.write(SECOND)
    await giving.apply()
    assert post(giving).view.state.stage is Stage.DRAINING
    await until(lambda: is_online(giving) and span(giving) == (2, 4))


def refuse(size: int) -> None:
    raise DiskFull("The disk is full: free some space.")


def told(giving: Giving) -> tuple[int, int] | None:
    """Where others have been told that it goes."""
    report = post(giving).view.report
    return report and report.moves_to and (report.moves_to.start, report.moves_to.end)


async def test_among_others_who_moves_says_so_and_looks_again_before_it_drains(begin: Begin, script: Script):
    giving = await serving(begin, script, others=2, replan=SLOWLY)
    asked, pid = len(script.situations), giving.servers[0].pid
    script.write(SECOND)
    await giving.apply()
    await until(lambda: told(giving) == (2, 4))
    assert (is_online(giving), post(giving).moves_to) == (True, SECOND_SPAN)
    await giving.apply()  # whatever is decided meanwhile, what was announced is settled first
    await until(lambda: len(script.situations) == asked + 3)
    assert (script.situations[-1].moving, list(script.situations[-1].serving)) == ({"cpu"}, ["cpu"])
    await until(lambda: post(giving).view.state.stage is Stage.DRAINING)
    await until(lambda: is_online(giving) and giving.servers[0].pid != pid)
    assert (span(giving), told(giving), len(script.situations)) == ((2, 4), None, asked + 3)


async def test_a_move_that_another_one_makes_is_taken_back(begin: Begin, script: Script):
    giving = await serving(begin, script, others=2, replan=SLOWLY)
    pid = giving.servers[0].pid
    script.write(SECOND)
    await giving.apply()
    await until(lambda: told(giving) == (2, 4))
    script.write(FIRST)
    await until(lambda: told(giving) is None)
    assert (is_online(giving), span(giving), giving.servers[0].pid) == (True, (0, 2), pid)
    assert post(giving).moves_to is None


async def test_a_move_that_is_never_announced_is_given_up(begin: Begin, script: Script, caplog):
    hasty = dataclasses.replace(QUICK, announce=0.2)
    giving = await serving(begin, script, "announces_nothing", others=2, replan=hasty)
    pid = giving.servers[0].pid
    script.write(SECOND)
    for _ in range(2):  # and is free to be tried again
        caplog.clear()
        await giving.apply()
        await until(lambda: "does not say in the swarm" in caplog.text)
        assert (is_online(giving), span(giving), giving.servers[0].pid) == (True, (0, 2), pid)


async def test_who_crashes_while_it_means_to_move_starts_again_where_it_was(begin: Begin, script: Script):
    giving = await serving(begin, script, others=2, replan=SLOWLY)
    pid = giving.servers[0].pid
    script.write(SECOND)
    await giving.apply()
    await until(lambda: told(giving) == (2, 4))
    asked = len(script.situations)
    psutil.Process(pid).kill()
    await until(lambda: post(giving).view.state.stage is Stage.BACKING_OFF)
    assert post(giving).moves_to is None
    await until(lambda: is_online(giving) and giving.servers[0].pid != pid)
    assert (span(giving), len(script.situations)) == ((0, 2), asked)


async def test_who_moves_tells_where_to_and_who_only_finishes_does_not(begin: Begin, script: Script):
    giving = await serving(begin, script, "drains_for_ever")
    script.write(SECOND)
    await giving.apply()
    await until(lambda: phase(giving) is ServerPhase.DRAINING)
    assert told(giving) == (2, 4)
    other = await serving(begin, script, "drains_for_ever")
    await other.order(DonationOrder(action="finish"))
    await until(lambda: phase(other) is ServerPhase.DRAINING)
    assert told(other) is None


async def test_a_paused_owner_is_left_alone(begin: Begin, script: Script):
    giving = await serving(begin, script, replan=OFTEN)
    await giving.order(PAUSE)
    asked = len(script.situations)
    script.write(SECOND)
    async with watched(giving):
        await until(lambda: not giving.servers)
    assert len(script.situations) == asked
    assert post(giving).view.state.stage is Stage.STOPPED


async def test_a_pause_while_it_moves_ends_it(begin: Begin, script: Script):
    giving = await serving(begin, script, "drains_for_ever")
    script.write(SECOND)
    await giving.apply()
    await giving.order(PAUSE)
    await until(lambda: not giving.servers)
    assert post(giving).view.state.stage is Stage.STOPPED
    assert post(giving).moves_to is None


async def test_a_lost_server_is_a_reason_to_think_again(begin: Begin, script: Script, shop: Shop):
    shop.others = (record(),)
    giving = await serving(begin, script, others=1)
    asked = len(script.situations)
    async with watched(giving):
        shop.others = (record(), record(peer="12D3KooW" + "B" * 44))
        await until(lambda: len(giving._occasions._seen) == 2)
        assert len(script.situations) == asked
        shop.others = (record(),)
        await until(lambda: len(script.situations) > asked)


class Connected(Company):
    """To peers that come and go."""

    def __init__(self, *peers: str) -> None:
        super().__init__(len(peers))
        self.to = peers

    async def connected(self) -> tuple[str, ...]:
        return self.to


async def test_who_breaks_off_and_says_nothing_more_counts_no_longer(
    begin: Begin, script: Script, shop: Shop, monkeypatch
):
    """Its record would count for another minute."""
    monkeypatch.setattr("engine.giving.losses.RENEWED_WITHIN", 0.2)
    lost, here = record(), record(peer="12D3KooW" + "B" * 44)
    shop.others = (lost, here)
    giving = await serving(begin, script, others=2)
    node = Connected(lost.peer, here.peer)
    giving._now = dataclasses.replace(giving._now, swarm=SwarmClient(node, shop, EchoReplies()))
    asked = len(script.situations)
    async with watched(giving):
        await until(lambda: giving._vigil._losses._met == {lost.peer, here.peer})
        node.to = (here.peer,)

        def has_decided() -> bool:
            shop.others = (lost, here.model_copy(update={"expires": time.time() + 60}))
            return len(script.situations) > asked

        await until(has_decided)
    [model] = script.situations[-1].swarm.models.values()
    assert [server.peer for server in model.servers] == [here.peer]


async def test_devices_serve_side_by_side_under_names_of_their_own(begin: Begin, script: Script):
    script.write(host_plan(0, 2, "one"), host_plan(2, 4, "two: 2"))
    giving = await begin()
    await giving.order(START)
    await until(lambda: [s.phase for s in giving.servers] == [ServerPhase.ONLINE] * 2)
    assert [server.place for server in giving.servers] == ["one", "two: 2"]
    data, logs = giving._settings.paths.data, giving._settings.paths.logs
    assert {file.name for file in data.glob("donor*")} == {"donor.key", "donor-two__2.key"}
    assert {file.name for file in logs.glob("block-server*")} == {
        "block-server.log",
        "block-server-two__2.log",
    }
    await giving.order(PAUSE)
    await until(lambda: not giving.servers)


async def test_cards_come_and_go(begin: Begin, script: Script):
    script.write(host_plan(0, 2, "one"))
    giving = await begin()
    await giving.order(START)
    script.write(host_plan(0, 2, "one"), host_plan(2, 4, "two"))
    await giving.apply()
    await until(lambda: [s.phase for s in giving.servers] == [ServerPhase.ONLINE] * 2)
    script.write(host_plan(2, 4, "two"))
    await giving.apply()
    assert len(giving.servers) == 2  # it may only have been silent for a moment
    await giving.apply()
    assert [server.place for server in giving.servers] == ["two"]


async def test_a_card_in_place_of_another_waits_until_that_ones_server_is_gone(begin: Begin, script: Script):
    script.write(host_plan(place="one"))
    giving = await begin("stubborn")
    await giving.order(START)
    await until(lambda: is_online(giving))
    [pid] = [server.pid for server in giving.servers]
    script.write(host_plan(place="two"))
    await giving.apply()
    await giving.apply()  # and still not there
    assert not psutil.pid_exists(pid)  # whose identity, port and memory the next one takes
    await until(lambda: is_online(giving) and giving.servers[0].place == "two")


async def test_a_device_that_comes_back_while_it_chose_chooses_anew(begin: Begin, script: Script):
    script.write(host_plan(place="one"))
    giving = await begin(others=1)
    await giving.order(START)
    assert phase(giving) is not ServerPhase.CHOOSING  # it did not yet say that it chooses
    script.write(no_plan("cpu", "Nothing is needed."))
    await giving.apply()
    await giving.apply()
    assert giving.posts == ()
    script.write(host_plan(place="one"))
    await giving.apply()
    await until(lambda: is_online(giving))


async def test_what_fits_nowhere_is_said(begin: Begin, script: Script):
    script.write(no_plan("cpu", "Not even one layer fits: close other programs."))
    giving = await begin()
    await giving.order(START)
    assert isinstance(giving.plan_failure, NotEnoughMemory)
    assert said(giving) == "Stopped: Not even one layer fits: close other programs"
    script.write(FIRST)
    await giving.order(START)
    await until(lambda: is_online(giving))
    assert giving.plan_failure is None


async def test_a_device_that_is_not_needed_any_more_serves_to_the_end(begin: Begin, script: Script):
    giving = await serving(begin, script)
    script.write(no_plan("cpu", "A card serves: the processor is left alone."), host_plan(0, 2, "one"))
    await giving.apply()
    assert [one.view.state.stage for one in giving.posts] == [Stage.DRAINING, Stage.RUNNING]
    await until(lambda: [server.place for server in giving.servers] == ["one"])
    script.write(FIRST, no_plan("one", "Its memory is full."))
    await giving.apply()
    await until(lambda: [server.place for server in giving.servers] == ["cpu"])


@pytest.mark.parametrize("by", ["finish", "plan"])
async def test_whoever_has_served_to_the_end_lets_the_layers_go(begin: Begin, script: Script, by: str):
    giving = await serving(begin, script)
    assert giving._store._pins.in_use()
    if by == "finish":
        await giving.order(DonationOrder(action="finish"))
    else:
        script.write(no_plan("cpu", "Nothing is needed."))
        await giving.apply()
    assert giving._store._pins.in_use()
    await until(lambda: not giving.servers and not giving._store._pins.in_use())
    script.write(FIRST)
    await giving.order(START)
    await until(lambda: is_online(giving))
    assert giving._store._pins.in_use()


async def test_a_plan_that_fails_changes_nothing(begin: Begin, script: Script):
    giving = await serving(begin, script)
    script.fails = ZeroDivisionError("a mistake")
    await giving.apply()
    assert is_online(giving)
    assert "a mistake" in str(giving.plan_failure)
    script.fails = None
    await giving.apply()
    assert (is_online(giving), giving.plan_failure) == (True, None)


async def test_a_pause_does_not_wait_for_a_slow_swarm(begin: Begin, script: Script, shop: Shop):
    giving = await serving(begin, script)
    shop.answers.clear()
    thinking = asyncio.create_task(giving.apply())
    await until(lambda: shop.looked_up > 1)
    pausing = asyncio.create_task(giving.order(PAUSE))
    await until(lambda: not giving.servers)
    shop.answers.set()
    await asyncio.gather(thinking, pausing)
    assert post(giving).view.state.stage is Stage.STOPPED


async def test_what_was_decided_by_other_settings_is_not_served(begin: Begin, script: Script, shop: Shop):
    giving = await serving(begin, script)
    pid = giving.servers[0].pid
    shop.answers.clear()
    thinking = asyncio.create_task(giving.apply())
    await until(lambda: shop.looked_up > 1)
    planned = len(script.situations)
    giving.begin_anew(with_host(giving, threads=1))  # at once, however slow the swarm is
    assert giving.servers == ()
    shop.answers.set()
    await thinking
    assert (len(script.situations), giving.posts) == (planned + 1, ())
    async with watched(giving):
        await until(lambda: is_online(giving))
    assert (len(script.situations), giving.servers[0].pid != pid) == (planned + 2, True)


def with_host(giving: Giving, **wishes: object) -> Settings:
    return dataclasses.replace(giving._settings, host=dataclasses.replace(giving._settings.host, **wishes))


async def test_what_is_decided_while_it_ends_is_not_begun(begin: Begin, script: Script, shop: Shop):
    giving = await serving(begin, script)
    shop.answers.clear()
    thinking = asyncio.create_task(giving.apply())
    await until(lambda: shop.looked_up > 1)
    await giving.close()
    shop.answers.set()
    await thinking
    assert (giving.servers, giving.posts) == ((), ())


async def test_who_finishes_on_the_owners_word_is_not_cut_short_by_rules(begin: Begin, script: Script):
    giving = await serving(begin, script, "drains_for_ever")
    await giving.order(DonationOrder(action="finish"))
    async with watched(giving):
        for allowed in (False, True):
            giving.permit(allowed, soft=True)
            await until(lambda: not giving._resumes.is_set())
            await asyncio.sleep(0.1)
        assert post(giving).view.state.stage is Stage.DRAINING


async def test_considering_changes_nothing(begin: Begin, script: Script):
    script.write(FIRST)
    giving = await begin()
    decided = await giving.consider()
    assert [shape.name for shape in decided.situation.models] == ["tiny"]
    assert [one.plan for one in decided.plans] == [FIRST]
    assert (giving.servers, giving.plans) == ((), ())


def said(giving: Giving) -> str:
    facts = Facts(
        donation=giving.donation,
        preparation=Preparation("tiny", 100, done=True),
        now=0.0,
        in_swarm=True,
        plan_failure=giving.plan_failure,
        posts=giving.posts,
    )
    told = condition(facts)
    assert told.reason in (Reason.MOVING, Reason.NOT_ENOUGH_MEMORY)
    return told.sentence
