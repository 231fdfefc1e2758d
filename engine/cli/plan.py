"""`potluck-engine plan`: says what this computer would serve, with what, and why. Has no effect."""

import argparse
import asyncio
from typing import Any

from engine.api.plan_schema import PlanReport
from engine.cli.commands import add_command, with_client
from engine.cli.plan_wording import plan_text
from engine.cli.running import add_wishes, wishes_by_key, wishes_of
from engine.errors import BadRequest, NotRunning
from engine.preferences.settings_file import SettingsFile
from engine.preferences.values import settings_with
from engine.settings import HostSettings, Settings


def add_plan(commands: Any) -> None:
    text = "Say what this computer would serve, with what, and why. Nothing is started."
    add_wishes(add_command(commands, "plan", _plan, text))


def _plan(args: argparse.Namespace) -> int:
    """Raises BadRequest for wishes where an engine runs: it plans by those that it was started with."""
    wishes = wishes_of(args)
    try:
        report: PlanReport = with_client(lambda client: client.plan())
    except NotRunning:
        report = asyncio.run(_plan_without_engine(_with_what_is_set(args)))
    else:
        if wishes != HostSettings():
            raise BadRequest(
                "Potluck's engine runs, and plans by what it was told at its start: leave these options out, "
                "or end it first with `potluck-engine quit`."
            )
    print(report.model_dump_json(indent=2) if args.json else plan_text(report))
    return 0


def _with_what_is_set(args: argparse.Namespace) -> HostSettings:
    """What was said now, over what the file of settings says."""
    settings = Settings(host=HostSettings(layers=args.layers))
    said = {key: value for key, value in wishes_by_key(args).items() if value is not None}
    kept = SettingsFile(settings.paths.settings_file).read().values
    return settings_with(settings, {**kept, **said}).host


async def _plan_without_engine(wishes: HostSettings) -> PlanReport:
    """From this computer and its layer store alone. Raises what `plan` raises."""
    from engine.giving.candidates import Alone
    from engine.giving.survey import Standing, Survey
    from engine.machine.known_speeds import SpeedBook
    from engine.machine.read import read_machine
    from engine.planning.planner import plan
    from engine.planning.report import report_of
    from engine.weights.store.layer_store import LayerStore

    paths = Settings().paths
    store = LayerStore(paths.layer_store)
    survey = Survey(store, wishes, read_machine, SpeedBook(paths.speeds))
    situation = (await survey.situation(Alone(store), Standing())).situation
    return report_of(situation, plan(situation), swarm_asked=False)
