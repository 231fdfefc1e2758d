"""What the engine is doing, in the words of somebody who sits at a terminal."""

from collections.abc import Callable

from engine.api.schema import Condition, Reason, Snapshot

_AT_A_TERMINAL: dict[Reason, str] = {
    Reason.NEVER_STARTED: "Not giving yet: `potluck-engine start` begins",
    Reason.PAUSED_BY_OWNER: "Paused until `potluck-engine start`",
}


def sentence(condition: Condition) -> str:
    return _AT_A_TERMINAL.get(condition.reason, condition.sentence)


class Narrator:
    """Says a sentence when the reason for what the engine does is another one; figures alone are none."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: tuple[Reason, object] | None = None

    def hear(self, snapshot: Snapshot) -> None:
        condition = snapshot.condition
        now = condition.reason, condition.values.get("detail")
        if now != self._said:
            self._said = now
            self._say(sentence(condition))
