"""The settings through the local API, and the door that other computers may be let in by."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.api.client import EngineClient
from engine.api.event_stream import SnapshotFeed
from engine.api.preferences_routes import SettingsRoutes
from engine.api.server import build_app
from engine.api.store_schema import LimitOrder, StoreStatus
from engine.errors import BadRequest
from engine.preferences.desk import SettingsDesk
from engine.preferences.preferences import Preferences
from engine.preferences.settings_file import SettingsFile
from tests.api.conftest import KEY, FakeControl, FakeReplies, snapshot

PORT = 4321
Ask = Callable[..., Any]


class FakeStore:
    """Keeps its own limit."""

    def __init__(self) -> None:
        self.chosen: int | None = None

    async def status(self) -> StoreStatus:
        limit, chosen = self.chosen or 10**10, self.chosen is not None
        return StoreStatus(path="/", held_size=0, limit=limit, limit_chosen=chosen, free_size=0, models=())

    async def set_limit(self, order: LimitOrder) -> StoreStatus:
        self.chosen = order.limit
        return await self.status()


class Opened:
    """A door with the settings behind it."""

    def __init__(self, folder: Path, others: bool = False, steered: bool = False) -> None:
        self.store = FakeStore()
        self.preferences = Preferences(SettingsFile(folder / "settings.toml"), {"api.port": PORT})
        self.taken_up: list[dict[str, object]] = []
        desk = SettingsDesk(self.preferences, self.store, self._take_up)
        feed = SnapshotFeed(snapshot())
        control: Any = FakeControl(feed)
        more = [SettingsRoutes(desk)]
        store: Any = None
        self.app = build_app(FakeReplies(), control, store, feed, KEY, PORT, more, others, steered)
        self.client = EngineClient(f"http://127.0.0.1:{PORT}", KEY, httpx.ASGITransport(self.app))

    async def _take_up(self) -> None:
        self.taken_up.append(dict(self.preferences.in_force))


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    door = Opened(tmp_path)
    yield door
    await door.client.close()


async def test_a_change_holds_is_felt_and_is_forgotten(opened: Opened) -> None:
    report = await opened.client.change_settings({"when.metered": True, "when.max_celsius": None})
    assert report.setting("when.metered").value is True
    assert report.setting("when.max_celsius").value is None
    assert report.setting("when.max_celsius").source == "file"
    assert opened.taken_up == [{"when.metered": True, "when.max_celsius": None}]
    report = await opened.client.forget_setting("when.max_celsius")
    assert (report.setting("when.max_celsius").value, report.setting("when.max_celsius").source) == (
        83,
        "default",
    )
    assert opened.taken_up[-1] == {"when.metered": True}
    assert await opened.client.settings() == report


async def test_lists_and_sizes_travel(opened: Opened) -> None:
    report = await opened.client.change_settings(
        {"when.schedule": ("mon-fri 22:00-07:00",), "give.memory": 8 * 10**9, "when.monthly_traffic": "50GB"}
    )
    assert report.setting("when.schedule").value == ("mon-fri 22:00-07:00",)
    assert report.setting("give.memory").value == 8 * 10**9
    assert report.setting("when.monthly_traffic").value == 50 * 10**9


async def test_limits_of_devices_travel(opened: Opened) -> None:
    report = await opened.client.change_settings(
        {"devices.memory": {"cpu": "4GB", "GPU-1f3a": 8 * 10**9}, "devices.duty": {"cpu": 50}}
    )
    assert report.setting("devices.memory").value == {"cpu": 4 * 10**9, "GPU-1f3a": 8 * 10**9}
    assert report.setting("devices.duty").form.common == "give.duty"
    assert opened.taken_up[-1]["devices.duty"] == {"cpu": 50}
    with pytest.raises(BadRequest, match="of cpu is a whole number from 10 to 100 %"):
        await opened.client.change_settings({"devices.duty": {"cpu": 5}})
    assert await opened.client.settings() == report


async def test_what_waits_for_a_restart_is_not_taken_up(opened: Opened) -> None:
    report = await opened.client.change_settings({"answers.min_precision": "int8"})
    assert report.setting("answers.min_precision").pending
    assert opened.taken_up == [{}]


async def test_wrong_values_change_nothing(opened: Opened) -> None:
    with pytest.raises(BadRequest) as refused:
        await opened.client.change_settings({"when.metered": True, "give.duty": 5, "no.such": 1})
    assert "(give.duty)" in str(refused.value)
    assert "“no.such”" in str(refused.value)
    with pytest.raises(BadRequest, match=r"no\.such"):
        await opened.client.forget_setting("no.such")
    assert not opened.taken_up
    assert all(setting.source != "file" for setting in (await opened.client.settings()).settings)


async def test_the_layer_store_keeps_its_own_limit(opened: Opened) -> None:
    report = await opened.client.change_settings({"layers.limit": "30GB"})
    assert opened.store.chosen == report.setting("layers.limit").value == 30 * 10**9
    assert report.setting("layers.limit").source == "file"
    assert not (await opened.client.forget_setting("layers.limit")).setting("layers.limit").value
    assert opened.store.chosen is None
    assert not opened.taken_up


@pytest.mark.parametrize(
    ("others", "host", "origin", "status"),
    [
        (False, "127.0.0.1:4321", None, 200),
        (False, "192.168.1.5:4321", None, 403),
        (True, "192.168.1.5:4321", None, 200),
        (True, "[fd00::5]:4321", None, 200),
        (True, "192.168.1.5:80", None, 403),
        (True, "rebound.example:4321", None, 403),
        (True, "192.168.1.5:4321", "http://192.168.1.5:4321", 200),
        (True, "192.168.1.5:4321", "http://203.0.113.9:4321", 403),
        (True, "127.0.0.1:4321", "https://rebound.example", 403),
    ],
)
async def test_other_computers_ask_by_an_address_and_only_where_they_may(
    tmp_path: Path, others: bool, host: str, origin: str | None, status: int
) -> None:
    headers = {"Host": host, "Authorization": f"Bearer {KEY}"} | ({"Origin": origin} if origin else {})
    transport = httpx.ASGITransport(Opened(tmp_path, others).app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}") as http:
        assert (await http.get("/potluck/v1/settings", headers=headers)).status_code == status
        del headers["Authorization"]
        assert (await http.get("/potluck/v1/settings", headers=headers)).status_code in (401, 403)


@pytest.mark.parametrize(("asker", "status"), [("192.168.1.7", 403), ("127.0.0.1", 200), ("::1", 200)])
async def test_other_computers_chat_and_do_not_steer(tmp_path: Path, asker: str, status: int) -> None:
    headers = {"Host": f"192.168.1.5:{PORT}", "Authorization": f"Bearer {KEY}"}
    transport = httpx.ASGITransport(Opened(tmp_path, others=True).app, client=(asker, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://any", headers=headers) as http:
        assert (await http.get("/potluck/v1/settings")).status_code == status
        assert (await http.get("/v1/models")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/potluck/v1/status", None, 200),
        ("GET", "/potluck/v1/settings", None, 200),
        ("PUT", "/potluck/v1/settings", {"when.metered": True}, 200),
        ("DELETE", "/potluck/v1/settings/when.metered", None, 200),
        ("POST", "/potluck/v1/donation", {"action": "pause"}, 200),
        ("PUT", "/potluck/v1/settings", {"when.metered": True, "api.port": 4000}, 403),
        ("DELETE", "/potluck/v1/settings/api.other_computers", None, 403),
        ("POST", "/potluck/v1/store/import", {"source": "/home/someone/model"}, 403),
        ("POST", "/potluck/v1/store/import", {"source": "package:somewhere"}, 403),
        ("POST", "/potluck/v1/store/export", {"model": "0" * 64, "folder": "/tmp/model"}, 403),
        ("POST", "/potluck/v1/store/move", {"folder": "/tmp/layers"}, 403),
        ("DELETE", "/potluck/v1/store/move", None, 403),
        ("GET", "/potluck/v1/swarm/invite", None, 403),
        ("POST", "/potluck/v1/swarm/leave", {}, 403),
        ("POST", "/potluck/v1/quit", None, 403),
        ("GET", "/potluck/v1/what-comes-next", None, 403),
    ],
)
async def test_windows_elsewhere_steer_where_they_may_and_never_reach_files_links_or_the_door(
    tmp_path: Path, method: str, path: str, body: object, status: int
) -> None:
    headers = {"Host": f"192.168.1.5:{PORT}", "Authorization": f"Bearer {KEY}"}
    for steered, expected in ((True, status), (False, 403)):
        door = Opened(tmp_path, others=True, steered=steered)
        transport = httpx.ASGITransport(door.app, client=("192.168.1.7", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://any", headers=headers) as http:
            assert (await http.request(method, path, json=body)).status_code == expected
        assert bool(door.taken_up) == (expected == 200 and "settings" in path and method != "GET")
