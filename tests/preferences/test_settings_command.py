"""`potluck-engine settings` where no engine runs: it reads and writes the file for the next one."""

import json
from pathlib import Path

import pytest

from engine.cli.program import main, parse
from engine.cli.running import settings_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path))
    return tmp_path


def test_it_shows_and_sets_and_resets(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["settings", "when.schedule", "mon-fri 22:00-07:00, sat,sun 00:00-24:00"]) == 1
    assert "is a list of times" in capsys.readouterr().err
    assert main(["settings", "when.schedule", "mon-fri 22:00-07:00"]) == 0
    assert main(["settings", "give.memory", "8GB"]) == 0
    capsys.readouterr()
    assert main(["settings"]) == 0
    shown = capsys.readouterr().out
    assert "  when.schedule: mon-fri 22:00-07:00  (set)\n" in shown
    assert "  give.memory: 8.0 GB  (set)\n" in shown
    assert "  give.upload: no limit\n" in shown
    assert main(["settings", "give.memory", "--reset"]) == 0
    assert capsys.readouterr().out.startswith("give.memory: what is free\nMemory, at most.")
    assert "memory" not in (home / "data" / "settings.toml").read_text()


def test_devices_have_limits_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "devices.duty", "cpu=50, GPU-1f3a=80"]) == 0
    assert capsys.readouterr().out.startswith("devices.duty: cpu: 50 %, GPU-1f3a: 80 %  (set)\n")
    assert main(["settings", "devices.memory"]) == 0
    assert "such as cpu=4GB, GPU-1f3a=8GB" in capsys.readouterr().out
    assert main(["settings", "devices.duty", "none"]) == 0
    assert capsys.readouterr().out.startswith("devices.duty: none")


def test_one_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "give.duty", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["form"]["least"] == 10


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no.such",), "There is no setting “no.such”"),
        (("devices.memory", "cpu:4GB"), "such as cpu=4GB, GPU-1f3a=8GB"),
        (("devices.memory", "cpu=4"), "of cpu is a size from 100 MB"),
        (("give.duty", "400"), "is a whole number from 10 to 100 %"),
        (("layers.limit", "5GB"), "layers limit"),
        (("--reset",), "There is no setting"),
    ],
)
def test_what_cannot_be_is_said(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["settings", *words]) == 1
    assert said in capsys.readouterr().err


def test_arguments_of_a_run_are_known_by_their_keys() -> None:
    told = settings_of(
        parse(["run", "--no-lan", "--port", "0", "--memory", "8GB", "--audit-share", "2.5%"])
    ).told
    assert told == {
        "swarm.lan": False,
        "api.port": 0,
        "give.memory": 8 * 10**9,
        "devices.memory": {},  # on each device, whatever the file says of one
        "answers.audit_share": 2.5,
    }
    assert settings_of(parse(["run"])).told == {}
    assert settings_of(parse(["run", "--paused"])).start_paused
