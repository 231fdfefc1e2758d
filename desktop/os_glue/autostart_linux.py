"""An entry in the desktop's autostart folder (freedesktop's Desktop Application Autostart Specification)."""

import os
from collections.abc import Sequence
from pathlib import Path

from desktop.os_glue.autostart import AtLogin, command_of, told_by

DELAY = 20  # seconds: the tray, the network and the owner's own programs come first
NAME = "potluck.desktop"

_ENTRY = """[Desktop Entry]
Type=Application
Name=Potluck
Comment=Give layers of language models, and chat
Exec={command}
Icon=potluck
Terminal=false
X-GNOME-Autostart-Delay={delay}
X-KDE-autostart-after=panel
X-MATE-Autostart-Delay={delay}
"""


def autostart_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "autostart"


class LinuxAutostart:
    def __init__(self, program: Sequence[str], folder: Path) -> None:
        self._program = program
        self._file = folder / NAME

    def read(self) -> AtLogin:
        """An entry that the desktop's own settings have switched off counts as none."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return AtLogin.NOTHING
        if "Hidden=true" in lines or "X-GNOME-Autostart-enabled=false" in lines:
            return AtLogin.NOTHING
        return told_by(next((line for line in lines if line.startswith("Exec=")), ""))

    def write(self, at_login: AtLogin) -> None:
        if at_login is AtLogin.NOTHING:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        command = " ".join(map(_quoted, command_of(at_login, self._program)))
        self._file.write_text(_ENTRY.format(command=command, delay=DELAY), encoding="utf-8")


def _quoted(argument: str) -> str:
    """By the Desktop Entry Specification: in quotes, with what is special there escaped, twice in a file."""
    for special in ("\\", '"', "`", "$"):
        argument = argument.replace(special, f"\\{special}")
    return '"' + argument.replace("\\", "\\\\").replace("%", "%%") + '"'
