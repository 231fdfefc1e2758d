"""How patient a session is, and what it asks for."""

from dataclasses import dataclass, field
from typing import Literal

from engine.precision import PRECISIONS, Precision
from engine.route.encodings import Ends


@dataclass(frozen=True)
class HopSettings:
    open_seconds: float = 5.0  # for a server's answer to an open message
    hand_over_seconds: float = 10.0
    step_seconds: float = 10.0  # for a step; a server that takes longer counts as hung
    token_seconds: float = 0.1  # as much longer for each token of the step
    least_step_seconds: float = 2.0  # for a server whose pace is known: computers are held up at times
    least_prompt_seconds: float = 6.0  # the same, for a part of a prompt
    busy_seconds: float = 60.0  # at most, for one that answers others meanwhile, or says that many wait there


@dataclass(frozen=True)
class SessionSettings:
    purpose: Literal["chat", "batch"] = "chat"  # batch: spread over servers by what they can take
    floor: Precision = PRECISIONS[0]  # layers that are kept or computed in coarser ones are not used
    ends: Ends | None = None  # how hidden states go into the chain and come out; None: as the links want it
    chunk_tokens: int = 256  # of a prefill, at most; chunks follow each other through the hops
    opening_wait_seconds: float = 2.0  # for a first chain
    repair_wait_seconds: float = 20.0  # for a replacement: a chain stood a moment ago
    second_chance_seconds: float = 3.5  # more, where servers that have just failed could do it
    look_again_seconds: float = 0.5
    fork_wait_seconds: float = 2.0  # for a step of the session to be shared: a long one is not worth it
    avoid_seconds: float = 3.0  # a server that has refused
    hop: HopSettings = field(default_factory=HopSettings)
