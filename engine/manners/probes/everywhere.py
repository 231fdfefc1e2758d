"""What all systems tell in the same way."""

import shutil
from pathlib import Path

import psutil


def on_battery() -> bool | None:
    """A computer without a battery never is."""
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError, psutil.Error):
        return None
    if battery is None:
        return False
    return None if battery.power_plugged is None else not battery.power_plugged


def free_disk_bytes(folder: Path) -> int | None:
    """Of the disk that the folder is on, or will be."""
    try:
        place = next(path for path in (folder, *folder.parents) if path.exists())
        return shutil.disk_usage(place).free
    except (OSError, StopIteration):
        return None
