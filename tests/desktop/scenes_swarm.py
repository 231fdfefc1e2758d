"""States of the pages Contribution and Swarm, to be drawn."""

import asyncio

from PySide6.QtWidgets import QPushButton

from desktop.app_state import Trouble
from desktop.main import Desktop
from engine.api.map_schema import MapModel, MapState, SwarmMap
from engine.api.schema import AnswerReport, Given, HopReport, Snapshot, SwarmStatus
from engine.errors import DiskFull
from tests.desktop.fake_engine import OWN_PEER, FakeEngine, make_snapshot
from tests.desktop.fakes_swarm import make_server, make_swarm
from tests.desktop.told import FULL_DISK


def big_map() -> SwarmMap:
    """80 layers, 200 servers, three of them this computer's, and a hole."""
    model = make_swarm(80, 200, hole=(41, 43))
    own = [server.model_copy(update={"own": True, "round_trip": None}) for server in model.servers[:3]]
    return SwarmMap(models=(model.model_copy(update={"servers": (*own, *model.servers[3:])}),))


NOTHING = {"given_today": Given(), "given_total": Given()}


def gave(total: bool = True) -> Snapshot:
    return make_snapshot().model_copy(
        update=NOTHING
        if not total
        else {
            "given_today": Given(
                layer_tokens=18_184_320,
                tokens=2_304_000,
                seconds_online=3 * 3600 + 720,
                sent_bytes=6_100_000_000,
                received_bytes=5_300_000_000,
                watt_hours=612.0,
            ),
            "given_total": Given(
                layer_tokens=4_821_196_800,
                tokens=602_649_600,
                seconds_online=412 * 3600 + 1500,
                sent_bytes=1_320_000_000_000,
                received_bytes=1_210_000_000_000,
                watt_hours=98_000.0,
                watt_hours_estimated=2100.0,
            ),
        }
    )


def contribution(*clicks: str, total: bool = True):
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        engine.become(gave(total))
        engine.map = big_map() if total else SwarmMap()
        desktop.window.open_page(desktop.contribution)
        await asyncio.sleep(0.2)
        for name in clicks:
            desktop.contribution.findChild(QPushButton, name).click()
        await asyncio.sleep(0.1)

    return play


async def pointed(desktop: Desktop, engine: FakeEngine) -> None:
    await contribution("byHour")(desktop, engine)
    desktop.contribution.findChild(object, "givenChart").setFocus()
    desktop.contribution.findChild(object, "givenChart").point_at(33)


async def contribution_failed(desktop: Desktop, engine: FakeEngine) -> None:
    engine.swarm_failure = DiskFull(FULL_DISK)
    await contribution()(desktop, engine)


async def contribution_lost(desktop: Desktop, engine: FakeEngine) -> None:
    await contribution()(desktop, engine)
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))


def swarm(map_: SwarmMap, *clicks: str, private: bool = False):
    async def play(desktop: Desktop, engine: FakeEngine) -> None:
        status = SwarmStatus(peer_id=OWN_PEER, private=True) if private else make_snapshot().swarm
        engine.become(make_snapshot().model_copy(update={"swarm": status}))
        engine.map = map_
        desktop.window.open_page(desktop.swarm)
        await asyncio.sleep(0.2)
        for name in clicks:
            desktop.swarm.findChild(QPushButton, name).click()
            await asyncio.sleep(0.1)

    return play


def alone() -> SwarmMap:
    server = make_server(OWN_PEER, 0, 30, own=True, busy=0.25, tokens_per_s=41.7)
    return SwarmMap(models=(MapModel(digest="d1", name="tiny-chat", n_layers=30, servers=(server,)),))


async def routed(desktop: Desktop, engine: FakeEngine) -> None:
    """The way of an answer, and a server that was chosen."""
    await swarm(big_map())(desktop, engine)
    model = engine.map.models[0]
    servers = sorted(model.servers, key=lambda server: (server.start, -server.end, server.peer))
    shown = [server for server in servers[:30] if server.state is MapState.ONLINE]
    hops, at = [], 0
    for server in shown:
        if server.start <= at < server.end:
            hops.append(HopReport(peer=server.peer, start=at, end=server.end))
            at = server.end
    desktop.swarm.show_route(model.name, AnswerReport(hops=tuple(hops)))
    map_view = desktop.swarm.findChild(object, "swarmMap")
    map_view.setFocus()
    map_view.choose(5)


async def examining(desktop: Desktop, engine: FakeEngine) -> None:
    engine.hold_diagnosis = True
    await swarm(big_map(), "examine")(desktop, engine)


async def swarm_lost(desktop: Desktop, engine: FakeEngine) -> None:
    await swarm(big_map())(desktop, engine)
    desktop.state.lost(Trouble("Potluck's engine crashed: the graphics driver was lost."))


SCENES = {
    "swarm-empty": swarm(SwarmMap()),
    "swarm-private": swarm(alone(), private=True),
    "swarm-large": swarm(big_map()),
    "swarm-by-speed": swarm(big_map(), "orderSpeed"),
    "swarm-table": swarm(big_map(), "asTable"),
    "swarm-route": routed,
    "swarm-examined": swarm(big_map(), "examine"),
    "swarm-examining": examining,
    "swarm-lost": swarm_lost,
    "contribution-days": contribution(),
    "contribution-hour": pointed,
    "contribution-energy": contribution("energy"),
    "contribution-months-online": contribution("byMonth", "time"),
    "contribution-empty": contribution(total=False),
    "contribution-failed": contribution_failed,
    "contribution-lost": contribution_lost,
}
