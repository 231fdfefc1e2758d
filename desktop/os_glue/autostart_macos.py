"""A launch agent of the user's: `launchd` reads it at the next login."""

import plistlib
from collections.abc import Sequence
from pathlib import Path

from desktop.os_glue.autostart import AtLogin, command_of, told_by

LABEL = "org.potluck.desktop"


class MacAutostart:
    def __init__(self, program: Sequence[str], folder: Path) -> None:
        self._program = program
        self._file = folder / f"{LABEL}.plist"

    def read(self) -> AtLogin:
        try:
            agent = plistlib.loads(self._file.read_bytes())
        except FileNotFoundError:
            return AtLogin.NOTHING
        except (plistlib.InvalidFileException, ValueError) as error:
            raise OSError(f"{self._file} is no launch agent: {error}") from None
        arguments = agent.get("ProgramArguments") if isinstance(agent, dict) else None
        return told_by(" ".join(map(str, arguments or ())))

    def write(self, at_login: AtLogin) -> None:
        if at_login is AtLogin.NOTHING:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        agent = {
            "Label": LABEL,
            "ProgramArguments": command_of(at_login, self._program),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        self._file.write_bytes(plistlib.dumps(agent))
