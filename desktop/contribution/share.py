"""What the swarm does at this moment, and what of it is done here. Pure."""

from dataclasses import dataclass

from engine.api.map_schema import SwarmMap


@dataclass(frozen=True)
class Share:
    """In layer-tokens per second, from what servers announce: their speed times how busy they are."""

    swarm: float
    own: float
    servers: int


def share_in(swarm: SwarmMap) -> Share:
    servers = [server for model in swarm.models for server in model.servers]
    return Share(
        swarm=sum(server.layer_tokens_per_s_now for server in servers),
        own=sum(server.layer_tokens_per_s_now for server in servers if server.own),
        servers=len(servers),
    )
