"""`models verify` and `layers verify`: every stored byte read, and compared with its name."""

import argparse

from engine.api.store_schema import LossReport, VerifyReport
from engine.cli.choice import chosen
from engine.cli.progress import watched
from engine.settings import Settings
from engine.transfers.jobs import VerifyJob, verified
from engine.transfers.jobs import verify as run_verify
from engine.weights.store.layer_store import LayerStore
from engine.weights.store.verification import VerifyResult


def verify(args: argparse.Namespace) -> int:
    """Exit status 1 if anything was damaged."""
    store = LayerStore(Settings().paths.layer_store)
    wanted = getattr(args, "model", None)
    manifest = chosen(wanted, store.manifests()) if wanted else None
    job = VerifyJob(model=manifest.digest if manifest else None)
    with watched(f"Checking {manifest.name if manifest else 'the layer store'}") as (progress, stopped):
        result = run_verify(job, store, progress, stopped)
    print(_report(result).model_dump_json(indent=2) if args.json else verified(result))
    return 1 if result.damaged else 0


def _report(result: VerifyResult) -> VerifyReport:
    return VerifyReport(
        parts=result.checked,
        size=result.checked_bytes,
        damaged=len(result.damaged),
        losses=tuple(
            LossReport(model=m.model, name=m.name, layers=m.layers, shell=m.shell or bool(m.files))
            for m in result.losses
        ),
    )
