from engine.api.schema import Condition, Reason, Snapshot
from engine.cli.narration import Narrator, sentence

SPAN = {"first": 1, "last": 8, "n_layers": 8, "model": "tiny"}


def snapshot(reason: Reason, **values: str | int) -> Snapshot:
    return Snapshot(version="1", condition=Condition(reason=reason, values=values))


def test_a_new_reason_is_said_and_new_figures_are_not():
    said: list[str] = []
    narrator = Narrator(said.append)
    narrator.hear(snapshot(Reason.PREPARING_MODEL, model="tiny", percent=3))
    narrator.hear(snapshot(Reason.PREPARING_MODEL, model="tiny", percent=60))
    narrator.hear(snapshot(Reason.READY, **SPAN))
    narrator.hear(snapshot(Reason.PREPARING_MODEL, model="tiny", percent=0))
    assert [text.partition(":")[0] for text in said] == ["Preparing tiny", "Ready", "Preparing tiny"]


def test_another_failure_is_said():
    said: list[str] = []
    narrator = Narrator(said.append)
    for detail in ("no device gpu9", "no device gpu9", "no model nosuch"):
        narrator.hear(snapshot(Reason.MODEL_BROKEN, detail=detail))
    assert said == ["Stopped: no device gpu9", "Stopped: no model nosuch"]


def test_a_terminal_has_no_start_button():
    assert sentence(Condition(reason=Reason.NEVER_STARTED)) == (
        "Not giving yet: `potluck-engine start` begins"
    )
