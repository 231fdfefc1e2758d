"""What is shown of a block server process. Pure."""

from engine.api.schema import ServerPhase, ServerStatus
from engine.giving.aim import Aim
from engine.host.orders import Report
from engine.precision import in_words

_TOLD = {
    "peer_id",
    "addresses",
    "phase",
    "sessions",
    "tokens_per_s",
    "busy",
    "weights_bytes",
    "cache_used_bytes",
    "cache_budget_bytes",
    "shared_bytes",
}


def status_of(pid: int, aim: Aim, report: Report | None) -> ServerStatus:
    plan = aim.plan
    told = report.model_dump(include=_TOLD) if report else {"phase": ServerPhase.STARTING}
    return ServerStatus(
        pid=pid,
        place=plan.place,
        model=aim.manifest.name,
        start=plan.start,
        end=plan.end,
        n_layers=aim.manifest.n_layers,
        precision=plan.precision,
        layer_precisions=in_words(plan.layer_precisions),
        device=plan.device_name,
        why=plan.why,
        cache_tokens=plan.cache_tokens,
        **told,
    )
