"""What is set takes effect in the running daemon; what computes there is replaced."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.api.client import EngineClient
from engine.api.membership_schema import CreateOrder, JoinOrder
from engine.api.schema import DonationOrder, Reason, Snapshot
from engine.daemon import Engine
from engine.donation import Donation, Wish, load_donation, save_donation
from engine.errors import BadInvite, BadRequest, NotInSwarm
from engine.preferences.settings_file import SettingsFile
from engine.settings import ApiSettings, Paths, Settings
from tests.stand_in_engine import stand_in_parts


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "cache", tmp_path / "logs")


@pytest.fixture
async def client(paths: Paths) -> AsyncIterator[EngineClient]:
    """Of an engine whose command line named a port: any."""
    engine = Engine(Settings(paths, ApiSettings(port=0), told={"api.port": 0}), stand_in_parts("good"))
    running = asyncio.create_task(engine.run())
    while not paths.run_file.exists():  # noqa: ASYNC110 (a file)
        await asyncio.sleep(0.01)
    async with EngineClient.from_run_file(paths.run_file) as client:
        yield client
    engine.request_quit()
    async with asyncio.timeout(30):
        await running


async def until(client: EngineClient, reason: Reason) -> Snapshot:
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if snapshot.condition.reason is reason:
                return snapshot
    raise AssertionError("the stream ended")


async def test_another_wish_ends_what_is_served_and_begins_anew(client: EngineClient) -> None:
    await client.donate(DonationOrder(action="start"))
    before = (await until(client, Reason.SERVING)).servers[0].pid
    await client.change_settings({"devices.threads": 1})
    after = (await until(client, Reason.SERVING)).servers[0].pid
    assert after != before
    await client.change_settings({"give.keep_awake": False})  # nothing that what is served depends on
    assert (await client.status()).servers[0].pid == after


async def test_limits_of_devices_hold_at_once_and_those_of_devices_elsewhere_change_nothing(
    client: EngineClient, paths: Paths
) -> None:
    await client.donate(DonationOrder(action="start"))
    before = (await until(client, Reason.SERVING)).servers[0]
    await client.change_settings({"devices.memory": {"GPU-1f3a": "2GB"}, "devices.duty": {"GPU-1f3a": 30}})
    await client.change_settings({"devices.duty": {"GPU-1f3a": 30, "cpu": 100}})  # as for all
    assert [server.pid for server in (await client.status()).servers] == [before.pid]
    report = await client.change_settings({"devices.memory": {"GPU-1f3a": "2GB", "cpu": "200MB"}})
    assert report.troubles == ()
    await until(client, Reason.NOT_ENOUGH_MEMORY)
    await client.change_settings({"devices.memory": {"GPU-1f3a": "2GB", "cpu": "1GB"}})
    after = (await until(client, Reason.SERVING)).servers[0]
    assert after.pid != before.pid
    assert (await client.plan()).devices[0].server.memory.budget <= 10**9
    assert SettingsFile(paths.settings_file).read().values["devices.memory"]["GPU-1f3a"] == 2 * 10**9


async def test_another_model_is_looked_for_at_once(client: EngineClient) -> None:
    await client.donate(DonationOrder(action="start"))
    await until(client, Reason.SERVING)
    report = await client.change_settings({"devices.model": "no-such-model"})
    assert not report.setting("devices.model").pending
    assert "no-such-model" in (await until(client, Reason.MODEL_BROKEN)).condition.sentence
    await client.forget_setting("devices.model")
    await until(client, Reason.SERVING)


async def test_another_model_is_looked_for_in_another_swarm_too(client: EngineClient) -> None:
    await until(client, Reason.NEVER_STARTED)
    await client.change_settings({"devices.model": "no-such-model", "swarm.lan": True})
    assert "no-such-model" in (await until(client, Reason.MODEL_BROKEN)).condition.sentence


async def test_the_rules_hold_at_once_and_are_there_at_the_next_start(
    client: EngineClient, paths: Paths
) -> None:
    await client.change_settings({"when.max_celsius": 70, "when.schedule": ("sat,sun 10:00-12:00",)})
    rules = (await client.manners()).when
    assert rules.max_celsius == 70
    assert rules.schedule[0].weekdays == {5, 6}
    kept = SettingsFile(paths.settings_file).read().values
    assert kept == {"when.max_celsius": 70, "when.schedule": ("sat,sun 10:00-12:00",)}
    again = Engine(Settings(paths), stand_in_parts("good"))
    assert (await again.manners()).when == rules


async def test_into_a_private_swarm_and_out_of_it(client: EngineClient) -> None:
    with pytest.raises(NotInSwarm):
        await client.invite()
    with pytest.raises(BadInvite):
        await client.join_swarm(JoinOrder(link="potluck://join/nonsense"))
    with pytest.raises(BadRequest):
        await client.create_swarm(CreateOrder(name="\n"))
    assert (await client.create_swarm(CreateOrder(name="Kitchen friends"))).swarm.name == "Kitchen friends"
    with pytest.raises(NotInSwarm, match="forgotten"):
        await client.create_swarm(CreateOrder(name="Other friends"))
    assert (await client.leave_swarm()).swarm.name == ""
    with pytest.raises(NotInSwarm):
        await client.leave_swarm()


async def test_of_two_swarms_that_are_made_at_once_one_key_is_kept(client: EngineClient) -> None:
    order = CreateOrder(name="Kitchen friends")
    done = await asyncio.gather(
        client.create_swarm(order), client.create_swarm(order), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["NotInSwarm", "Snapshot"]


async def test_a_run_may_begin_paused_whatever_was_wanted_last(paths: Paths) -> None:
    save_donation(paths.donation, Donation(wish=Wish.GIVE))
    paused = Engine(Settings(paths, start_paused=True), stand_in_parts("good"))
    running = asyncio.create_task(paused.run())
    while not paths.run_file.exists():  # noqa: ASYNC110 (a file)
        await asyncio.sleep(0.01)
    async with EngineClient.from_run_file(paths.run_file) as client:
        await until(client, Reason.PAUSED_BY_OWNER)
    paused.request_quit()
    async with asyncio.timeout(30):
        await running
    assert load_donation(paths.donation).wanted
