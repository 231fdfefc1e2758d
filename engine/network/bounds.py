"""How many streams of strangers a node handles at a time."""

from collections import Counter


class StreamBounds:
    """Of each peer and protocol, and in all: each stream costs memory and an open file, also a silent one."""

    def __init__(self, in_all: int = 640, of_a_peer: int = 160) -> None:
        self._in_all = in_all
        self._of_a_peer = of_a_peer
        self._taken: Counter[tuple[str, str]] = Counter()

    def take(self, peer: str, protocol: str) -> bool:
        """Whether there was room for one more."""
        key = (peer, protocol)
        if self._taken.total() >= self._in_all or self._taken[key] >= self._of_a_peer:
            return False
        self._taken[key] += 1
        return True

    def give_back(self, peer: str, protocol: str) -> None:
        self._taken -= Counter({(peer, protocol): 1})  # forgets peers without streams
