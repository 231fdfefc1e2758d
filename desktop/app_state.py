"""What the whole window knows about the engine: one state, one signal when it changes."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QObject, Signal

from desktop.sentences import in_words
from engine.api.schema import Activity, Condition, ModelInfo, Reason, Snapshot
from engine.errors import (
    NoSuchComputer,
    NotAnswering,
    NotRunning,
    NotUnderstood,
    PotluckError,
    WrongKey,
)

translate = QCoreApplication.translate

TRIED_AGAIN = (Reason.FAILING_PARTLY, Reason.LAYERS_UNAVAILABLE)


class LinkPhase(StrEnum):
    STARTING = "starting"
    CONNECTED = "connected"
    LOST = "lost"


class Help(StrEnum):
    """What helps while there is no engine: each is a button."""

    RETRY = "retry"  # look for it at once
    RESTART = "restart"  # end the one that runs, and start it anew
    FREE_PORT = "free_port"  # start it at any port that is free
    REOPEN = "reopen"  # this window is older than the engine
    LEAVE_SWARM = "leave_swarm"  # forget a private swarm's key that cannot be read
    ENGINES = "engines"  # open what is known of engines elsewhere


@dataclass(frozen=True)
class Trouble:
    """What has come between the window and an engine, and what helps."""

    sentence: str
    help: Help = Help.RETRY


@dataclass(frozen=True)
class Crash:
    """Of the engine, or of something in this window: what was said, and what it printed last."""

    sentence: str
    printed: str = ""


class AppState(QObject):
    """The engine as seen from here. After a loss the last snapshot is gone: nothing stale is shown."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.phase = LinkPhase.STARTING
        self.snapshot: Snapshot | None = None
        self.trouble: Trouble | None = None  # why there is no engine
        self.crash: Crash | None = None  # the last one, until it is put away
        self.elsewhere = ""  # where the engine is; empty: on this computer
        self.own_trouble: Trouble | None = None  # of this computer's engine while another is looked at

    @property
    def activity(self) -> Activity:
        if self.snapshot:
            return self.snapshot.condition.activity
        return Activity.PROBLEM if self.phase is LinkPhase.LOST else Activity.WAITING

    @property
    def sentence(self) -> str:
        if self.snapshot:
            return sentence_of(self.snapshot.condition)
        if self.phase is LinkPhase.STARTING and self.elsewhere:
            return self.tr("Reaching {name}").format(name=self.elsewhere)
        return self.trouble.sentence if self.trouble else self.tr("Starting Potluck's engine")

    @property
    def help(self) -> Help:
        """What helps while there is no engine."""
        return self.trouble.help if self.trouble else Help.RETRY

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        return self.snapshot.models if self.snapshot else ()

    @property
    def private(self) -> bool | None:
        """Whether chats stay on this computer. None: not known yet."""
        return self.snapshot.swarm.private if self.snapshot else None

    @property
    def paused(self) -> bool:
        return self.activity is Activity.PAUSED

    @property
    def may_be_paused(self) -> bool:
        """Whether the owner wants to give: now, soon, or as soon as the owner's rules allow it."""
        if self.snapshot is None:
            return False
        gives = self.activity in (Activity.DONATING, Activity.IDLE, Activity.WAITING)
        return gives or self.snapshot.condition.by_rules

    @property
    def finishing(self) -> bool:
        return bool(self.snapshot and self.snapshot.condition.reason is Reason.FINISHING)

    @property
    def may_be_tried_again(self) -> bool:
        """One of several devices fails, or layers do not come; Start tries anew."""
        return bool(self.snapshot and self.snapshot.condition.reason in TRIED_AGAIN)

    @property
    def may_be_started(self) -> bool:
        """Whether Start does something: what texts ask the owner to press is there to be pressed."""
        anew = self.finishing or self.may_be_tried_again
        return self.snapshot is not None and (anew or not self.may_be_paused)

    def show(self, snapshot: Snapshot) -> None:
        self._become(LinkPhase.CONNECTED, snapshot)

    def look_at(self, elsewhere: str) -> None:
        """From now on at the engine of that address; empty: at this computer's own."""
        self.elsewhere = elsewhere
        self.own_trouble = self.own_trouble if elsewhere else None
        self._become(LinkPhase.STARTING, anew=True)

    def starting(self) -> None:
        self._become(LinkPhase.STARTING)

    def lost(self, trouble: Trouble, crash: Crash | None = None) -> None:
        self.crash = crash or self.crash
        self._become(LinkPhase.LOST, trouble=trouble)

    @property
    def lost_by_crash(self) -> bool:
        """Whether the crash is why there is no engine."""
        return self.phase is LinkPhase.LOST and self.crash is not None and not self.elsewhere

    def tell_own(self, trouble: Trouble | None, crash: Crash | None = None) -> None:
        """Of this computer's engine while another is looked at. None: it runs."""
        crash = crash or self.crash
        if (trouble, crash) != (self.own_trouble, self.crash):
            self.own_trouble, self.crash = trouble, crash
            self.changed.emit()

    def tell_crash(self, crash: Crash | None) -> None:
        """None: it is put away."""
        self.crash = crash
        self.changed.emit()

    def _become(
        self,
        phase: LinkPhase,
        snapshot: Snapshot | None = None,
        trouble: Trouble | None = None,
        anew: bool = False,
    ) -> None:
        """`anew`: it is a change whatever was before."""
        if not anew and (phase, snapshot, trouble) == (self.phase, self.snapshot, self.trouble):
            return
        self.phase, self.snapshot, self.trouble = phase, snapshot, trouble
        self.changed.emit()


def sentence_of_error(error: PotluckError) -> str:
    """What went wrong, for someone who sits at the window: it starts and reaches engines by itself."""
    match error:
        case NoSuchComputer():
            return in_words(str(error))
        case NotAnswering():
            return translate("Error", "Potluck's engine does not answer.")
        case NotUnderstood():
            return translate(
                "Error", "This window does not understand Potluck's engine: it has another version."
            )
        case NotRunning():
            return translate("Error", "The connection to Potluck's engine was lost.")
        case WrongKey():
            return translate("Error", "This window no longer has the key of Potluck's engine.")
    return in_words(str(error))


def sentence_of(condition: Condition) -> str:
    """The condition's sentence in the user's language."""
    return in_words(condition.sentence)
