"""Limits of one device: what they change, and what they leave alone."""

import dataclasses
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.api.schema import ServerPhase
from engine.giving.aim import Aim
from engine.giving.giving import Giving
from engine.giving.host_config import PostFiles, host_config
from engine.giving.taking_effect import begins_anew
from engine.machine.known_speeds import ServerWork, SpeedBook
from engine.manners.rules import HowMuchRules
from engine.settings import HostSettings, Paths, Settings
from tests.giving.conftest import Begin
from tests.giving.stand_ins import Script, Shop, host_plan, watched
from tests.giving.test_fetching import START
from tests.stand_in_engine import MANIFEST
from tests.waiting import until

GB = 10**9
DEVICES = ("cpu", "one", "two")
MEMORY = st.sampled_from((GB, 2 * GB, 3 * GB))
DUTY = st.sampled_from((0.5, 0.8, 1.0))


def settings_of(host: HostSettings, how_much: HowMuchRules) -> Settings:
    nowhere = Path("nowhere")
    return Settings(Paths(nowhere, nowhere, nowhere), host=host, how_much=how_much)


SETTINGS = st.builds(
    settings_of,
    st.builds(
        HostSettings,
        threads=st.sampled_from((None, 2)),
        devices=st.none() | st.sets(st.sampled_from(DEVICES), min_size=1).map(tuple),
        memory_bytes=st.none() | MEMORY,
        memory_by_device=st.dictionaries(st.sampled_from(DEVICES), MEMORY),
    ),
    st.builds(HowMuchRules, duty=DUTY, duty_by_device=st.dictionaries(st.sampled_from(DEVICES), DUTY)),
)


@given(SETTINGS, SETTINGS, st.sampled_from(DEVICES))
def test_a_device_begins_anew_just_when_something_changes_there(
    before: Settings, after: Settings, device: str
) -> None:
    anew = begins_anew(before, after, device)
    assert anew == begins_anew(after, before, device)
    changed = (
        before.host.threads != after.host.threads
        or before.host.may_use(device) != after.host.may_use(device)
        or before.host.memory_of(device) != after.host.memory_of(device)
        or before.how_much.duty_of(device) != after.how_much.duty_of(device)
    )
    assert anew == changed


@given(SETTINGS, st.sampled_from(DEVICES), MEMORY, DUTY)
def test_a_limit_of_one_device_is_nothing_to_the_others(
    before: Settings, device: str, memory: int, duty: float
) -> None:
    host = dataclasses.replace(before.host, memory_by_device={**before.host.memory_by_device, device: memory})
    rules = dataclasses.replace(
        before.how_much, duty_by_device={**before.how_much.duty_by_device, device: duty}
    )
    after = dataclasses.replace(before, host=host, how_much=rules)
    assert not any(begins_anew(before, after, other) for other in DEVICES if other != device)


@given(SETTINGS, st.sampled_from(DEVICES))
def test_a_block_server_is_told_the_duty_of_its_device(settings: Settings, device: str) -> None:
    files = PostFiles.of(settings.paths, settings.swarm, device)
    work = ServerWork(SpeedBook(settings.paths.speeds), device, "", {}, 1.0)
    config = host_config(Aim(host_plan(place=device), MANIFEST, work), "serving", settings, files, ())
    assert config.duty == settings.how_much.duty_of(device)


def test_a_block_server_is_told_what_its_plan_has_for_captured_ticks(settings: Settings) -> None:
    files = PostFiles.of(settings.paths, settings.swarm, "")
    memory = dataclasses.replace(host_plan().memory, captured=5)
    plan = dataclasses.replace(host_plan(), memory=memory)
    work = ServerWork(SpeedBook(settings.paths.speeds), "cpu", "", {}, 1.0)
    assert host_config(Aim(plan, MANIFEST, work), "serving", settings, files, ()).graph_bytes == 5


async def both_serve(begin: Begin, script: Script, shop: Shop) -> Giving:
    shop.missing = False
    script.write(host_plan(0, 2, "one"), host_plan(2, 4, "two"))
    giving = await begin()
    await giving.order(START)
    await until(lambda: len(pids(giving)) == 2)
    return giving


def pids(giving: Giving) -> dict[str, int]:
    """Of those that are online, by device."""
    return {server.place: server.pid for server in giving.servers if server.phase is ServerPhase.ONLINE}


async def test_a_limit_of_one_card_touches_only_its_block_server(begin: Begin, script: Script, shop: Shop):
    giving = await both_serve(begin, script, shop)
    for changed, kept, limits in (
        ("one", "two", {"how_much": HowMuchRules(duty_by_device={"one": 0.5})}),
        ("two", "one", {"host": HostSettings(memory_by_device={"two": GB})}),
    ):
        before = pids(giving)
        script.write(host_plan(0, 2, "one"), host_plan(3 if changed == "two" else 2, 4, "two"))
        async with watched(giving):
            giving.begin_anew(dataclasses.replace(giving._settings, **limits))
            assert list(pids(giving)) == [kept]
            await until(lambda: len(pids(giving)) == 2)
        after = pids(giving)
        assert (after[kept] == before[kept], after[changed] == before[changed]) == (True, False)
        assert list(script.situations[-1].serving) == [kept]
    assert [(server.place, server.start) for server in giving.servers] == [("one", 0), ("two", 3)]


async def test_a_card_that_gives_no_more_leaves_the_other_one_alone(begin: Begin, script: Script, shop: Shop):
    giving = await both_serve(begin, script, shop)
    before = pids(giving)
    script.write(host_plan(0, 2, "one"))
    async with watched(giving):
        giving.begin_anew(dataclasses.replace(giving._settings, host=HostSettings(devices=("one",))))
        looks = len(script.situations)
        await until(lambda: len(script.situations) > looks)
        assert pids(giving) == {"one": before["one"]}
