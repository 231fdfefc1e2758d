"""What happens between the wish to give and a block server that serves: the layers have to be there."""

from dataclasses import replace

import pytest

from engine.api.schema import DonationOrder, Reason, ServerPhase
from engine.condition import PostFacts
from engine.errors import DiskFull, HubUnreachable, PartsMissing
from engine.giving.giving import Giving
from engine.machine.known_speeds import SpeedBook
from engine.settings import Settings
from engine.supervisor.decide import Stage
from tests.giving.conftest import Begin
from tests.giving.records import changed, record
from tests.giving.stand_ins import RATE, Script, Shop, host_plan
from tests.stand_in_engine import MANIFEST, read_machine
from tests.waiting import until

START = DonationOrder(action="start")
PAUSE = DonationOrder(action="pause")


def post(giving: Giving) -> PostFacts:
    [facts] = giving.posts
    return facts


def phase(giving: Giving) -> ServerPhase | None:
    return giving.servers[0].phase if giving.servers else None


def is_online(giving: Giving) -> bool:
    return phase(giving) is ServerPhase.ONLINE


async def test_whoever_lacks_layers_joins_and_serves_when_they_are_there(begin: Begin, shop: Shop):
    giving = await begin()
    assert (giving.posts, giving.servers) == ((), ())
    await giving.order(START)
    await until(lambda: post(giving).fetching and phase(giving) is ServerPhase.JOINING)
    fetching = post(giving).fetching
    assert (fetching.done_bytes, fetching.total_bytes, fetching.peers) == (1, 4, 1)
    assert giving.serving is None
    shop.open.set()
    await until(lambda: is_online(giving))
    assert post(giving).fetching is None
    assert giving.serving.layers == (0, MANIFEST.n_layers)


async def test_how_fast_layers_come_is_kept(begin: Begin, settings: Settings):
    giving = await begin()
    await giving.order(START)
    await until(lambda: post(giving).fetching)
    assert SpeedBook(settings.paths.speeds).speeds(read_machine()).download_bytes_per_s == RATE


async def test_a_pause_ends_the_fetching(begin: Begin, shop: Shop):
    giving = await begin()
    await giving.order(START)
    await until(lambda: post(giving).fetching)
    await giving.order(PAUSE)
    await until(lambda: shop.left and post(giving).view.state.stage is Stage.STOPPED)
    assert post(giving).fetching is None
    await giving.order(START)
    shop.open.set()
    await until(lambda: is_online(giving))
    assert shop.asked == 2


async def test_a_fetch_that_was_stopped_is_not_shown_as_going_on(begin: Begin, shop: Shop):
    giving = await begin()
    await giving.order(START)
    await until(lambda: post(giving).fetching)
    await giving.order(PAUSE)
    await until(lambda: shop.left)
    shop.missing = False  # they came by some other way
    await giving.order(START)
    await until(lambda: is_online(giving))
    assert post(giving).fetching is None


@pytest.mark.parametrize(
    "failure", [PartsMissing("Nobody has layer 2 of tiny: wait."), HubUnreachable("The hub is away: wait.")]
)
async def test_what_nobody_has_is_asked_for_again_and_no_place_is_kept(
    begin: Begin, shop: Shop, monkeypatch, failure
):
    monkeypatch.setattr("engine.giving.fetching.FETCH_AGAIN_SECONDS", 0.05)
    shop.failures = [failure]
    giving = await begin()
    seen = []
    giving._posts._on_change = lambda: seen.extend(
        (one.fetch_failure, one.view.state) for one in giving.posts
    )
    await giving.order(START)
    await until(lambda: shop.asked == 2)
    assert [state.stage for why, state in seen if why is failure][-1] is Stage.ENDING
    shop.open.set()
    await until(lambda: is_online(giving))
    assert post(giving).fetch_failure is None


@pytest.mark.parametrize("failure", [DiskFull("The disk is full: free some space."), OSError(5, "broken")])
async def test_a_failure_is_said_and_start_tries_again(begin: Begin, shop: Shop, failure):
    shop.failures = [failure]
    shop.open.set()
    giving = await begin()
    await giving.order(START)
    await until(lambda: post(giving).fetch_failure and not giving.servers)
    await giving.apply()  # as from time to time
    assert post(giving).fetch_failure is not None
    await giving.order(START)
    await until(lambda: is_online(giving))


@pytest.mark.parametrize(
    "failure", [DiskFull("The disk is full: free some space."), PartsMissing("Nobody has layer 2: wait.")]
)
async def test_another_model_is_served_where_the_first_one_cannot_be_had(
    begin: Begin, shop: Shop, script: Script, failure
):
    other = changed(context=128)
    shop.models[other.digest] = other
    shop.others = (record(), record(model=other.digest))
    shop.failures = [failure]
    shop.open.set()
    giving = await begin()
    await giving.order(START)
    await until(lambda: post(giving).fetch_failure)
    script.write(replace(host_plan(), model=other.digest))
    await giving.apply()
    assert [shape.digest for shape in script.situations[-1].models] == [other.digest]
    assert not script.situations[-1].serving
    await until(lambda: is_online(giving))
    assert post(giving).span.digest == other.digest


async def test_damaged_layers_are_fetched_anew(begin: Begin, shop: Shop):
    shop.open.set()
    shop.missing = False
    giving = await begin("damaged_once")

    def lose() -> None:
        shop.missing = shop.missing or any(one.view.state.misses_parts for one in giving.posts)

    giving._posts._on_change = lose
    await giving.order(START)
    await until(lambda: is_online(giving))
    assert shop.asked == 1


async def test_crashes_end_until_the_owner_says_start(begin: Begin, shop: Shop, monkeypatch):
    monkeypatch.setattr("engine.supervisor.decide.FIRST_DELAY", 0.0)
    shop.missing = False
    giving = await begin("crash")
    await giving.order(START)
    await until(lambda: post(giving).view.state.reason is Reason.CRASHED_TOO_OFTEN)
    await giving.apply()  # as from time to time
    assert post(giving).view.state.stage is Stage.FAILED
    await giving.order(START)
    assert post(giving).view.state.stage is Stage.RUNNING


async def test_a_store_that_takes_no_pins_is_said(begin: Begin, shop: Shop, monkeypatch):
    giving = await begin()
    with monkeypatch.context() as broken:
        broken.setattr(giving._store, "in_use", refuse)
        await giving.order(START)
        assert isinstance(post(giving).fetch_failure, DiskFull)
    shop.open.set()
    await giving.order(START)
    await until(lambda: is_online(giving))


def refuse(parts) -> None:
    raise DiskFull("The disk is full: free some space.")
