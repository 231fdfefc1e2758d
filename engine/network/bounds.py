"""How many streams of strangers a node handles at a time."""

from collections import Counter


class StreamBounds:
    """Of each peer, for one protocol and for all, and of all peers: each stream costs memory and an open
    file, also a silent one.
    """

    def __init__(self, in_all: int = 640, of_a_peer: int = 192, for_a_protocol: int = 160) -> None:
        self._in_all = in_all
        self._of_a_peer = of_a_peer
        self._for_a_protocol = for_a_protocol
        self._taken: Counter[tuple[str, str]] = Counter()
        self._peers: Counter[str] = Counter()

    def take(self, peer: str, protocol: str) -> bool:
        """Whether there was room for one more."""
        key = (peer, protocol)
        is_full = self._peers.total() >= self._in_all
        if is_full or self._peers[peer] >= self._of_a_peer or self._taken[key] >= self._for_a_protocol:
            return False
        self._taken[key] += 1
        self._peers[peer] += 1
        return True

    def give_back(self, peer: str, protocol: str) -> None:
        self._taken -= Counter({(peer, protocol): 1})  # forgets peers without streams
        self._peers -= Counter({peer: 1})
