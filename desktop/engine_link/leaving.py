"""Out of a private swarm whose key cannot be read any more, so that the engine starts again."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop.widgets.asking import ask_whether
from engine.errors import reason_of

translate = QCoreApplication.translate


def ask_to_leave(
    parent: QWidget, swarm_file: Path, left: Callable[[], object], failed: Callable[[str], object]
) -> None:
    """`failed` gets a sentence where the file stays."""

    def leave() -> None:
        try:
            swarm_file.unlink(missing_ok=True)
        except OSError as error:
            said = translate("Engine", "{path} cannot be deleted ({why}): see that Potluck may.")
            failed(said.format(path=swarm_file, why=reason_of(error)))
        else:
            left()

    ask_whether(
        parent,
        translate("Engine", "Leave the private swarm?"),
        translate("Engine", "Its key on this computer is deleted: only an invite link leads back."),
        translate("Engine", "Leave"),
        "askLeaveUnreadable",
        leave,
    )
