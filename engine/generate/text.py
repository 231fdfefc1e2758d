"""From token ids to text while they come: whole characters only, and nothing of a stop string."""

from collections.abc import Callable, Sequence

Decode = Callable[[Sequence[int]], str]

_UNFINISHED = "\ufffd"  # what a decoder writes for a character whose last bytes have not come


class TextDecoder:
    """Decodes token by token. A few tokens of context are decoded again each time, so that spaces come out
    right.
    """

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._context = 0  # ids before this index are settled
        self._read = 0  # ids before this index have been given out as text

    def push(self, token: int) -> str:
        """The text that `token` completes; empty while a character is unfinished."""
        self._ids.append(token)
        text = self._new_text()
        if text.endswith(_UNFINISHED):
            return ""
        self._context, self._read = self._read, len(self._ids)
        return text

    def rest(self) -> str:
        """What is left at the end, unfinished characters included."""
        text = self._new_text()
        self._context = self._read = len(self._ids)
        return text

    def _new_text(self) -> str:
        before = self._decode(self._ids[self._context : self._read])
        return self._decode(self._ids[self._context :])[len(before) :]


class StopStrings:
    """Lets text through up to the first stop string, holding back what might be the beginning of one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.hit = False

    def push(self, text: str) -> str:
        if self.hit:
            return ""
        self._held += text
        found = [(at + len(stop), at) for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.hit = True
            _, at = min(found)  # the one that is complete first, however the text is cut into pieces
            out, self._held = self._held[:at], ""
            return out
        keep = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        out, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return out

    def rest(self) -> str:
        out, self._held = self._held, ""
        return out


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that begins `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
