"""`potluck-engine soak` as it is typed."""

import pytest

from engine.cli import main, parse
from engine.soak import soak as module
from engine.soak.report import Recovery, SoakReport
from engine.soak.settings import SoakSettings
from engine.soak.tally import Tally


def report(tally: Tally) -> SoakReport:
    return SoakReport("m", 3, 2.0, 4, 2, tally, [], Recovery.of([]), [])


@pytest.mark.parametrize(
    "words",
    [
        ["--minutes", "0.5"],
        ["--minutes", "soon"],
        ["--minutes", "nan"],
        ["--servers", "2"],
        ["--servers", "17"],
        ["--chats", "0"],
        ["--seed", "-1"],
    ],
)
def test_what_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        parse(["soak", *words])
    assert "write" in capsys.readouterr().err


def test_a_plain_soak_is_as_long_as_the_suites():
    args = parse(["soak"])
    assert (args.minutes, args.seed, args.servers, args.chats, args.json) == (3.0, 0, 4, 3, False)


@pytest.mark.parametrize(("tally", "status"), [(Tally(right=1), 0), (Tally(right=1, wrong=["…"]), 1)])
def test_the_exit_status_is_0_only_if_nothing_went_wrong(tally, status, monkeypatch, capsys):
    asked: list[SoakSettings] = []

    async def soak(settings: SoakSettings, *_: object) -> SoakReport:
        asked.append(settings)
        return report(tally)

    monkeypatch.setattr(module, "soak", soak)
    monkeypatch.setattr("torch.set_num_threads", lambda threads: None)
    monkeypatch.setattr("engine.weights.starter.import_starter", lambda store: None)
    assert main(["soak", "--minutes", "2", "--seed", "9", "--json"]) == status
    assert (asked[0].minutes, asked[0].seed) == (2.0, 9)
    assert f'"is_clean": {str(not status).lower()}' in capsys.readouterr().out
