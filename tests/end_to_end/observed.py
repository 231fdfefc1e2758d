"""`python -m tests.end_to_end.observed`: what `python -m desktop` runs, which also says what it shows.

Standard input has one request a line. `look` is answered with one line of JSON, the parts that can be seen;
`grab PATH` saves the whole screen as a picture and is answered with an empty list.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop.main import main

Shown = dict[str, str | int | bool]


class Eyes(QObject):
    """Looks in the window's own thread, whichever thread asks."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._answer)

    def _answer(self, request: str) -> None:
        if request.startswith("grab "):
            QGuiApplication.primaryScreen().grabWindow(0).save(request.removeprefix("grab "))
        seen = list(parts_shown()) if request == "look" else []
        print(json.dumps(sorted(seen, key=lambda part: (part["y"], part["x"]))), flush=True)


def parts_shown() -> Iterator[Shown]:
    """Every part of which at least something can be seen, with a place to click on."""
    for widget in QApplication.allWidgets():
        if not widget.visibleRegion().isEmpty():
            middle = widget.mapToGlobal(widget.visibleRegion().boundingRect().center())
            yield shown(widget.objectName() or class_of(widget), text_of(widget), widget.isEnabled(), middle)
            if isinstance(widget, QMenu):
                yield from entries_of(widget)


def entries_of(menu: QMenu) -> Iterator[Shown]:
    for action in menu.actions():
        if not action.isSeparator():
            middle = menu.mapToGlobal(menu.actionGeometry(action).center())
            yield shown(action.objectName() or action.text(), action.text(), action.isEnabled(), middle)


def shown(name: str, text: str, enabled: bool, middle: QPoint) -> Shown:
    return {"name": name, "text": text, "enabled": enabled, "x": middle.x(), "y": middle.y()}


def class_of(widget: QWidget) -> str:
    return widget.metaObject().className()


def text_of(widget: QWidget) -> str:
    for read in ("toPlainText", "text"):
        if callable(told := getattr(type(widget), read, None)):
            return told(widget)
    painted = widget.findChild(QTextDocument)
    return painted.toPlainText() if painted and not widget.findChild(QWidget) else ""


def listen(eyes: Eyes) -> None:
    """Reads without a buffer: its lock would stand in the way of this thread's end with the process."""
    with os.fdopen(0, "rb", buffering=0, closefd=False) as requests:
        for line in requests:
            eyes.asked.emit(line.decode().rstrip("\n"))


if __name__ == "__main__":
    threading.Thread(target=listen, args=(Eyes(),), daemon=True).start()
    sys.exit(main())
