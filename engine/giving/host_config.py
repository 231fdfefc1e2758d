"""What a block server process is told. Pure."""

from dataclasses import dataclass
from pathlib import Path

from engine.giving.aim import Aim
from engine.host.orders import HostConfig, Intent
from engine.membership.taking_effect import key_of
from engine.precision import runs_of
from engine.settings import Paths, Settings, SwarmSettings


@dataclass(frozen=True)
class PostFiles:
    """What a device's block server keeps over restarts."""

    identity: Path
    port: Path | None  # None: another port at each start
    log: Path

    @classmethod
    def of(cls, paths: Paths, swarm: SwarmSettings, place: str) -> "PostFiles":
        """`place`: the device's key; empty for the first one."""
        return cls(
            paths.donor_identity(swarm.tag, place),
            None if swarm.private else paths.port("donor", swarm.tag, place),
            paths.block_server_log(place),
        )


def host_config(
    aim: Aim, intent: Intent, settings: Settings, files: PostFiles, daemon: tuple[str, ...]
) -> HostConfig:
    """`daemon`: where its own node is reached."""
    plan, asked = aim.plan, settings.swarm
    return HostConfig(
        store=settings.paths.layer_store,
        manifest=aim.manifest.digest,
        start=plan.start,
        end=plan.end,
        intent=intent,
        precision=plan.precision,
        layer_precisions=runs_of(plan.layer_precisions),
        device=plan.device,
        threads=plan.threads,
        cache_bytes=plan.memory.cache,
        resting_bytes=plan.memory.resting,
        graph_bytes=plan.memory.captured,
        initial_peers=(*daemon, *asked.initial_peers),
        listen=asked.block_server_listen,
        identity=files.identity,
        port_file=files.port,
        swarm_key=key_of(asked),
        tokens_per_s=plan.tokens_per_s,
        upload_bytes_per_s=settings.exchange.upload_bytes_per_s,
        duty=settings.how_much.duty_of(plan.place),
    )
