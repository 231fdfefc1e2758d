"""What has come between the window and its engine, as a sentence and what helps. Pure but for translation."""

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication

from desktop.app_state import Help, Trouble, sentence_of_error
from desktop.sentences import in_words
from engine import __version__
from engine.api.openai_schema import ErrorBody
from engine.errors import (
    AlreadyRunning,
    ForeignCaller,
    MembershipUnreadable,
    NoSuchComputer,
    NotAnswering,
    NotRunning,
    NotUnderstood,
    PortInUse,
    PotluckError,
    WrongKey,
)

translate = QCoreApplication.translate
_KIND = re.compile(r"[\w.]+(?:Error|Exception): (?=\S+ \S)")  # before a sentence, not before one word


@dataclass(frozen=True)
class Ending:
    """How an engine's process ended. `status` as `subprocess` has it."""

    status: int
    printed: str = ""  # the end of it

    @property
    def last_words(self) -> str:
        """Without the kind of error that a programmer would look for: the whole of it is in the report."""
        last = self.last_line
        if named := _named(last):
            return in_words(str(named))
        last = last.removeprefix("potluck-engine: ")
        return _KIND.sub("", last, count=1)[:300] if _KIND.match(last) else last[:300]

    @property
    def report(self) -> str:
        """What was printed; a failure that has a name is written as the command line does."""
        named = _named(last := self.last_line)
        return self.printed.rstrip().removesuffix(last) + (f"potluck-engine: {named}" if named else last)

    @property
    def last_line(self) -> str:
        return self.printed.strip().rpartition("\n")[2].strip()

    @property
    def gave_way(self) -> bool:
        """To another one, so it is not what was lost later."""
        return self.status == AlreadyRunning.exit_status

    @property
    def crashed(self) -> bool:
        return self.status not in (0, PortInUse.exit_status, AlreadyRunning.exit_status)


def _named(line: str) -> PotluckError | None:
    """What the engine says of itself, in words that can be translated."""
    with suppress(ValidationError):
        return ErrorBody.model_validate_json(line).error.named
    return None


class Crashes:
    """How often the engine crashed lately. Times are seconds of one clock."""

    def __init__(self, within: float = 600.0, many: int = 5) -> None:
        self.within, self._many = within, many
        self._times: list[float] = []

    def note(self, now: float) -> int:
        """One more; gives how many there were within the time that counts."""
        self._times = [*(time for time in self._times if now - time < self.within), now]
        return len(self._times)

    @property
    def too_many(self) -> bool:
        return len(self._times) >= self._many


def of_ending(ending: Ending, crashes: int = 0, minutes: int = 0, loops: bool = False) -> Trouble:
    """`crashes` in about so many minutes; `loops`: it is left alone for a while."""
    if ending.status == 0:
        return Trouble(translate("Engine", "Potluck's engine has ended. It is started again in a moment."))
    if ending.status == PortInUse.exit_status:
        sentence = translate(
            "Engine",
            "Another program uses the port that is set for the local address, so the engine cannot start.",
        )
        return Trouble(sentence, Help.FREE_PORT)
    if ending.status == AlreadyRunning.exit_status:
        return Trouble(
            translate("Engine", "An engine of yours runs already. It is looked for again in a moment.")
        )
    if isinstance(_named(ending.last_line), MembershipUnreadable):
        sentence = translate(
            "Engine",
            "The key of this computer's private swarm cannot be read, so the engine cannot start. Leave the "
            "swarm, then join it with a new invite link.",
        )
        return Trouble(sentence, Help.LEAVE_SWARM)
    parts = [_how(ending)]
    if crashes > 1:
        often = translate("Engine", "It ended {count} times within {minutes} min.")
        parts.append(often.format(count=crashes, minutes=max(1, minutes)))
    if loops:
        rest = translate("Engine", "It is tried again after a rest of {minutes} min.")
        parts.append(rest.format(minutes=minutes))
    return Trouble(" ".join(parts))


def _how(ending: Ending) -> str:
    if ending.status < 0:
        ended = translate("Engine", "Potluck's engine was ended from outside (signal {signal}).")
        return ended.format(signal=-ending.status)
    if not ending.last_words:
        ended = translate("Engine", "Potluck's engine crashed (exit status {status}).")
        return ended.format(status=ending.status)
    crashed = translate("Engine", "Potluck's engine crashed: {last_words}")
    return crashed.format(last_words=_as_sentence(ending.last_words))


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def of_error(error: PotluckError, own_version: str = __version__) -> Trouble:
    """With the engine of this computer."""
    match error:
        case NotUnderstood():
            return _of_version(error.version, own_version)
        case NotAnswering():
            sentence = translate("Engine", "Potluck's engine runs, but it does not answer.")
            return Trouble(sentence, Help.RESTART)
        case WrongKey():
            sentence = translate("Engine", "This window no longer has the key of Potluck's engine.")
            return Trouble(sentence, Help.RESTART)
        case _:
            return Trouble(sentence_of_error(error))


def _of_version(version: str, own_version: str) -> Trouble:
    if not version:
        sentence = translate("Engine", "What answers at the engine's address is not Potluck's engine.")
        return Trouble(sentence, Help.RESTART)
    sentence = translate(
        "Engine",
        "Potluck's engine is of version {engine} and this window of {window}: they do not understand each "
        "other.",
    ).format(engine=version, window=own_version)
    return Trouble(sentence, Help.REOPEN if is_newer(version, own_version) else Help.RESTART)


def of_error_elsewhere(error: PotluckError, name: str) -> Trouble:
    """With an engine on another computer."""
    help = Help.ENGINES if isinstance(error, WrongKey) else Help.RETRY
    return Trouble(sentence_elsewhere(error, name), help)


def sentence_elsewhere(error: PotluckError, name: str) -> str:
    match error:
        case NotUnderstood():
            said = translate("Engine", "What answers at {name} is not Potluck: is the port right?")
            if error.version:
                said = translate("Engine", "{name} has version {engine} of Potluck: update the older one.")
            return said.format(name=name, engine=error.version)
        case NotAnswering():
            said = translate("Engine", "{name} does not answer: is it awake, and is the address right?")
        case NoSuchComputer():
            return in_words(str(error))
        case NotRunning():
            said = translate("Engine", "{name} cannot be reached: see that Potluck runs there.")
        case WrongKey():
            said = translate("Engine", "{name} does not accept the key: copy it from the settings there.")
        case ForeignCaller():
            said = translate(
                "Engine",
                "{name} is not steered from other computers: allow it in the settings there, under Local "
                "address, or come through an SSH tunnel.",
            )
        case _:
            return sentence_of_error(error)
    return said.format(name=name)


def of_other_version(engine: str, window: str = __version__) -> Trouble | None:
    """Of an engine that is understood all the same: something was updated in between."""
    if is_newer(engine, window):
        said = translate("Engine", "Potluck was updated to {engine}; this window still has version {window}.")
        help = Help.REOPEN
    elif is_newer(window, engine):
        said = translate("Engine", "Potluck was updated to {window}; the engine still has version {engine}.")
        help = Help.RESTART
    else:
        return None
    return Trouble(said.format(engine=engine, window=window), help)


def is_newer(one: str, other: str) -> bool:
    """Whether version `one` came after `other`, by their numbers."""
    pairs = zip_longest(_numbers(one), _numbers(other), fillvalue=0)
    return next((a > b for a, b in pairs if a != b), False)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d{1,9}", version)]


def help_in_words(help: Help) -> str:
    return {
        Help.RETRY: translate("Engine", "Try again now"),
        Help.RESTART: translate("Engine", "Restart the engine"),
        Help.FREE_PORT: translate("Engine", "Start with any free port"),
        Help.REOPEN: translate("Engine", "Open Potluck anew"),
        Help.LEAVE_SWARM: translate("Engine", "Leave the private swarm…"),
        Help.ENGINES: translate("Engine", "Change the key"),
    }[help]
