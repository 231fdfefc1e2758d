"""What is set: its values, its file, and what the engine runs by in the end."""

import dataclasses
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.api.preferences_schema import SettingKind, SettingsReport
from engine.errors import BadRequest, SettingsUnwritable
from engine.manners.rules import HowMuchRules, Window
from engine.preferences.declared import DECLARED, Declaration
from engine.preferences.kinds import Kind, Names, Number, OfDevices, Size, TimeWindows
from engine.preferences.preferences import Preferences
from engine.preferences.settings_file import SettingsFile
from engine.preferences.values import checked, settings_with
from engine.preferences.weekly import DAYS, parse_window
from engine.settings import HostSettings, Paths, Settings

PEER = "/ip4/10.0.0.7/tcp/31330/p2p/12D3KooWLhCgzoC9rNnSnFFRKjtAMJMrSaKcjkTsBTL9Lv8BHB5a"
A_VALUE = {  # written as people do, and what the engine runs by
    "when.idle_minutes": ("10 min", "when.idle_seconds", 600.0),
    "when.schedule": (
        "mon-fri 22:00-07:00",
        "when.schedule",
        (Window(frozenset({0, 1, 2, 3, 4}), 1320, 420),),
    ),
    "when.on_battery": ("on", "when.on_battery", True),
    "when.metered": ("yes", "when.metered", True),
    "when.full_screen": ("true", "when.full_screen", True),
    "when.apps": ("blender, steam,blender", "when.apps", frozenset({"blender", "steam"})),
    "when.other_gpu_load": ("50 %", "when.other_gpu_load", 0.5),
    "when.max_celsius": ("none", "when.max_celsius", None),
    "when.monthly_traffic": ("50GB", "when.monthly_bytes", 50_000_000_000),
    "when.free_disk": ("1.5GB", "when.free_disk_bytes", 1_500_000_000),
    "when.only_if_certain": ("on", "when.only_if_certain", True),
    "give.memory": ("8GB", "how_much.memory_bytes", 8_000_000_000),
    "give.duty": ("60", "how_much.duty", 0.6),
    "give.upload": ("2MB/s", "exchange.upload_bytes_per_s", 2_000_000),
    "give.download": ("5MB", "how_much.download_bytes_per_s", 5_000_000),
    "give.fetch_ahead": ("none", "exchange.ahead_bytes_per_s", 0),
    "give.keep_awake": ("on", "how_much.keep_awake", True),
    "devices.use": ("cpu", "host.devices", ("cpu",)),
    "devices.memory": (
        "cpu=4GB, GPU-1f3a = 1.5GB",
        "host.memory_by_device",
        {"cpu": 4_000_000_000, "GPU-1f3a": 1_500_000_000},
    ),
    "devices.duty": ("0000:01:00.0=60 %", "how_much.duty_by_device", {"0000:01:00.0": 0.6}),
    "devices.precision": ("int8", "host.precision", "int8"),
    "devices.cache": ("2GB", "host.cache_bytes", 2_000_000_000),
    "devices.threads": ("3", "host.threads", 3),
    "devices.model": ("large", "host.model", "large"),
    "swarm.lan": ("on", "swarm.lan", True),
    "swarm.peers": (PEER, "swarm.initial_peers", (PEER,)),
    "swarm.listen": ("/ip4/0.0.0.0/tcp/31330", "swarm.listen_asked", ("/ip4/0.0.0.0/tcp/31330",)),
    "answers.min_precision": ("bfloat16", "answers.min_precision", "bfloat16"),
    "answers.audit_share": ("5", "audit.share", 0.05),
    "api.port": ("8123", "api.port", 8123),
    "api.other_computers": ("on", "api.host", "0.0.0.0"),
    "api.steered_from_elsewhere": ("on", "api.steered_from_elsewhere", True),
}


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.toml")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(Paths(tmp_path, tmp_path, tmp_path))


def place(settings: Settings, path: str) -> object:
    found: object = settings
    for name in path.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("key", sorted(A_VALUE))
def test_a_value_goes_through_the_file_to_what_the_engine_runs_by(
    key: str, file: SettingsFile, settings: Settings
) -> None:
    typed, path, runs_by = A_VALUE[key]
    assert place(settings, path) != runs_by
    Preferences(file).change({key: typed})
    again = Preferences(file)
    assert place(settings_with(settings, again.chosen), path) == runs_by
    assert again.report().setting(key).source == "file"
    again.forget(key)
    assert settings_with(settings, Preferences(file).chosen) == settings


def test_every_declared_setting_but_the_stores_own_goes_somewhere() -> None:
    assert {declaration.key for declaration in DECLARED} - set(A_VALUE) == {"layers.limit"}


def test_defaults_are_what_the_engine_does_unasked(settings: Settings) -> None:
    defaults = {declaration.key: declaration.default for declaration in DECLARED}
    assert checked(defaults) == defaults
    assert settings_with(settings, defaults) == settings


def test_the_command_line_wins_for_a_run(file: SettingsFile) -> None:
    Preferences(file).change({"api.port": 8000, "swarm.lan": True})
    preferences = Preferences(file, {"api.port": 9000})
    assert preferences.chosen == {"swarm.lan": True}
    port = preferences.report().setting("api.port")
    assert (port.value, port.source, port.pending) == (9000, "command_line", False)


def test_what_waits_for_a_restart_says_so(file: SettingsFile) -> None:
    preferences = Preferences(file)
    preferences.change({"api.port": 8000, "when.metered": True})
    pending = {setting.key for setting in preferences.report().settings if setting.pending}
    assert pending == {"api.port"}
    preferences.change({"api.port": 0})
    assert not preferences.report().setting("api.port").pending
    assert not Preferences(file).report().setting("when.metered").pending


def test_nothing_is_set_by_halves(file: SettingsFile) -> None:
    preferences = Preferences(file)
    wrong = {"when.metered": True, "give.duty": 400, "give.memory": "much", "no.such": 1}
    with pytest.raises(BadRequest) as refused:
        preferences.change(wrong)
    said = str(refused.value)
    assert "(give.duty) is a whole number from 10 to 100 %." in said
    assert "such as 8GB, or none (what is free)." in said
    assert "There is no setting “no.such”" in said
    assert not preferences.report().setting("when.metered").value
    assert not file.path.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("when.metered", "perhaps"),
        ("when.metered", 1),
        ("give.duty", True),
        ("give.duty", None),
        ("give.duty", 50.5),
        ("give.memory", 8),
        ("devices.precision", "int3"),
        ("when.schedule", ["mon-fri 25:00-26:00"]),
        ("when.schedule", ["someday 10:00-11:00"]),
        ("when.apps", ["a\nb"]),
        ("when.apps", [1]),
        ("when.apps", ["x" * 201]),
        ("when.apps", [f"program {number}" for number in range(101)]),
        ("when.schedule", [f"mon 10:00-11:{minute:02}" for minute in range(51)]),
        ("swarm.peers", ["example.org"]),
        ("swarm.listen", ["/ip4/not-an-ip/tcp/1"]),
        ("swarm.listen", ["/ip4/0.0.0.0/tcp/65536"]),
        ("swarm.listen", ["/ip4/0.0.0.0/tcp/1234567"]),
        ("devices.model", ""),
        ("devices.memory", ["cpu"]),
        ("devices.memory", None),
        ("devices.memory", "cpu"),
        ("devices.memory", "cpu=4GB, cpu=5GB"),
        ("devices.memory", {"cpu": 5}),
        ("devices.memory", {"no device": "4GB"}),
        ("devices.memory", {"cpu": None}),
        ("devices.duty", {"cpu": 9}),
        ("devices.duty", {"cpu": True}),
        ("devices.duty", {f"card-{number}": 50 for number in range(101)}),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: object) -> None:
    if (key, value) == ("devices.model", ""):  # stands for none
        assert checked({key: value}) == {key: None}
        return
    with pytest.raises(BadRequest, match=key):
        checked({key: value})


def _farthest(kind: Kind) -> Iterator[object]:
    """Values as far out as a setting takes them."""
    if isinstance(kind, Number | Size):
        yield from (kind.least, kind.most)
    if isinstance(kind, TimeWindows):
        yield [f"mon-sun 10:00-11:{minute:02}" for minute in range(kind.most)]
    elif isinstance(kind, Names) and kind.page is SettingKind.NAMES and kind.fits("x"):
        yield [f"{number:03}".rjust(kind.longest, "x") for number in range(kind.most)]
    if isinstance(kind, OfDevices):
        for amount in _farthest(kind.each):
            yield {f"{number:03}".rjust(100, "x"): amount for number in range(100)}
    if kind.none is not None:
        yield None


@pytest.mark.parametrize("declaration", DECLARED, ids=lambda declaration: declaration.key)
def test_the_engine_can_run_by_whatever_a_setting_takes(declaration: Declaration, settings: Settings) -> None:
    for value in _farthest(declaration.kind):
        taken = checked({declaration.key: value})
        assert settings_with(settings, taken).paths == settings.paths  # and nothing is refused


@pytest.mark.parametrize(
    "text",
    [
        "when = {on_battery = true, metered = true}\n",
        "when.on_battery = true\nwhen.metered = true\n",
        "[when]\non_battery = true\nmetered = true\n[give]\nduty = 50\n[when.of_later]\nx = 1\n",
    ],
)
def test_however_a_table_is_written_what_else_is_set_in_it_stays(file: SettingsFile, text: str) -> None:
    file.path.write_text(text)
    others = {key: value for key, value in Preferences(file).chosen.items() if key != "when.metered"}
    Preferences(file).change({"when.full_screen": True})
    Preferences(file).forget("when.metered")
    assert Preferences(file).chosen == others | {"when.full_screen": True}
    assert ("x = 1" in text) == ("x = 1" in file.path.read_text())


def test_a_file_that_is_too_large_loses_nothing(file: SettingsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    preferences = Preferences(file)
    preferences.change({"when.metered": True})
    monkeypatch.setattr("engine.preferences.settings_file.MAX_BYTES", 10)
    before = file.path.read_text()
    with pytest.raises(SettingsUnwritable, match="larger"):
        preferences.change({"when.on_battery": True})
    assert file.path.read_text() == before


def test_a_file_that_cannot_be_read_now_stays_where_it_is(
    file: SettingsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    Preferences(file).change({"when.metered": True})
    with monkeypatch.context() as disk:
        disk.setattr(Path, "open", _refused)
        assert "cannot be read" in file.read().troubles[0]
    assert file.read().values == {"when.metered": True}


def _refused(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize(
    "text",
    [
        '[devices]\nthreads = 2\n[devices.memory]\ncpu = "3GB"\n"GPU-1f3a" = "8GB"\n[give]\nduty = 50\n',
        'devices.memory = { cpu = "3GB", GPU-1f3a = 8000000000 }\ndevices.threads = 2\ngive.duty = 50\n',
    ],
)
def test_limits_of_devices_are_one_table_however_it_is_written(file: SettingsFile, text: str) -> None:
    file.path.write_text(text)
    preferences = Preferences(file)
    others = {"devices.threads": 2, "give.duty": 50}
    assert preferences.chosen == others | {"devices.memory": {"cpu": 3 * 10**9, "GPU-1f3a": 8 * 10**9}}
    preferences.change({"devices.memory": {"GPU-1f3a": 8 * 10**9}, "devices.duty": {"cpu": 70}})
    assert 'GPU-1f3a = "8GB"' in file.path.read_text()
    assert Preferences(file).chosen == preferences.chosen
    preferences.forget("devices.memory")
    assert Preferences(file).chosen == others | {"devices.duty": {"cpu": 70}}


def test_a_wrong_limit_says_of_which_device(settings: Settings) -> None:
    with pytest.raises(BadRequest) as refused:
        checked({"devices.memory": {"cpu": "4GB", "GPU-1f3a": "much"}})
    assert str(refused.value) == (
        "“Memory on single devices, at most” (devices.memory) of GPU-1f3a is a size from 100 MB to 1000 TB, "
        "such as 8GB."
    )


@given(
    st.none() | st.integers(1, 1 << 50),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 1 << 50)),
    st.floats(0.05, 1),
    st.dictionaries(st.sampled_from("abc"), st.floats(0.05, 1)),
)
def test_what_is_said_of_a_device_goes_before_what_holds_for_all(
    memory: int | None, by_device: dict[str, int], duty: float, duties: dict[str, float]
) -> None:
    host = HostSettings(memory_bytes=memory, memory_by_device=by_device)
    rules = HowMuchRules(duty=duty, duty_by_device=duties)
    assert {device: host.memory_of(device) for device in by_device} == by_device
    assert {device: rules.duty_of(device) for device in duties} == duties
    assert {host.memory_of(device) for device in set("abcd") - set(by_device)} == {memory}
    assert {rules.duty_of(device) for device in set("abcd") - set(duties)} == {duty}


def test_comments_and_unknown_words_stay(file: SettingsFile) -> None:
    file.path.write_text('# mine\n[when]\nmetered = true # on the phone\nof_later = 3\n[other]\nx = "y"\n')
    preferences = Preferences(file)
    assert preferences.chosen == {"when.metered": True}
    preferences.change({"when.schedule": ["sat,sun 00:00-24:00"], "give.upload": 1_500_000})
    preferences.forget("when.metered")
    text = file.path.read_text()
    assert "# mine" in text
    assert "of_later = 3" in text
    assert '[other]\nx = "y"' in text
    assert "metered" not in text
    assert 'upload = "1500KB"' in text
    assert Preferences(file).report().setting("give.upload").value == 1_500_000


def test_a_damaged_file_is_set_aside_and_said(file: SettingsFile) -> None:
    file.path.write_text("[when\nmetered = true")
    report = Preferences(file).report()
    assert not report.setting("when.metered").value
    [trouble] = report.troubles
    aside = file.path.with_suffix(".damaged.toml")
    assert str(aside) in trouble
    assert aside.read_text() == "[when\nmetered = true"
    assert Preferences(file).report().troubles == ()
    file.path.write_text("[give")
    Preferences(file)
    assert aside.read_text() == "[when\nmetered = true"
    assert file.path.with_suffix(".damaged2.toml").read_text() == "[give"


def test_a_wrong_value_in_the_file_leaves_the_others(file: SettingsFile) -> None:
    file.path.write_text('[when]\nmetered = true\non_battery = "perhaps"\n')
    preferences = Preferences(file)
    assert preferences.chosen == {"when.metered": True}
    [trouble] = preferences.report().troubles
    assert trouble.startswith("“Also on battery” (when.on_battery) is on or off.")


def test_a_file_that_cannot_be_written_changes_nothing(file: SettingsFile) -> None:
    preferences = Preferences(file)
    file.path.mkdir()
    with pytest.raises(SettingsUnwritable):
        preferences.change({"when.metered": True})
    assert preferences.chosen == {}


def test_the_report_travels_as_json(file: SettingsFile) -> None:
    preferences = Preferences(file)
    preferences.change({"when.max_celsius": None, "when.apps": ["blender"]})
    report = preferences.report({"layers.limit": 10**10})
    text = report.model_dump_json(exclude_none=True)
    assert SettingsReport.model_validate_json(text) == report


@given(st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 24 * 60 - 1), st.integers(0, 24 * 60))
def test_a_time_of_the_week_is_read_as_it_is_written(days: frozenset[int], start: int, end: int) -> None:
    named = ",".join(DAYS[day] for day in sorted(days)) + " " if len(days) < len(DAYS) else ""
    written = f"{named}{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    assert parse_window(written) == Window(days, start, end)


def test_days_may_go_past_sunday() -> None:
    assert parse_window("sat-mon 8:00-9:00").weekdays == {5, 6, 0}
    assert dataclasses.asdict(parse_window("20:00-6:00"))["weekdays"] == frozenset(range(7))
