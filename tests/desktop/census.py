"""Counts what a process holds, so that what only ever grows is seen however small it is."""

import asyncio
import gc
import threading
from collections import Counter
from collections.abc import Mapping

import psutil
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

OURS = ("desktop.", "engine.")
RSS = "bytes of memory"


def census(*roots: QObject) -> Counter[str]:
    """How many there are: of each kind of widget, object of Qt's and of our own, handle, thread and task.

    `roots`: whose children are counted, and who listens to their signals.
    """
    let_go_of_garbage()
    found = Counter(f"widget {type(widget).__name__}" for widget in QApplication.allWidgets())
    found += Counter(
        f"child {type(child).__name__}" for root in roots for child in root.findChildren(QObject)
    )
    found += Counter(f"object {kind}" for kind in map(_own_kind, gc.get_objects()) if kind)
    for root in roots:
        found[f"listeners of {type(root).__name__}"] = sum(
            root.receivers(f"2{signal}") for signal in ("changed()",) if hasattr(root, "changed")
        )
    process = psutil.Process()
    found["handles"] = process.num_handles() if hasattr(process, "num_handles") else process.num_fds()
    found["threads"] = threading.active_count()
    found["tasks"] = len(asyncio.all_tasks())
    found[RSS] = process.memory_info().rss
    return found


def grown(before: Mapping[str, int], after: Mapping[str, int], most: int, most_bytes: int) -> dict[str, int]:
    """What there is more of than `most` more, or `most_bytes` of memory."""
    growth = {kind: count - before.get(kind, 0) for kind, count in after.items()}
    return {kind: more for kind, more in growth.items() if more > (most_bytes if kind == RSS else most)}


def let_go_of_garbage() -> None:
    """What is only waiting to be deleted does not count."""
    for _ in range(2):
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _own_kind(thing: object) -> str:
    kind = type(thing)
    return kind.__qualname__ if str(kind.__module__).startswith(OURS) else ""
