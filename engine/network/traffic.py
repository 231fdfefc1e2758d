"""How much went over the network. Pure."""

from dataclasses import dataclass


@dataclass
class Traffic:
    """Bytes in the streams to other computers, since the start."""

    sent: int = 0
    received: int = 0
