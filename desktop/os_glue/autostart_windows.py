"""A value in the user's own Run key of the registry."""

import subprocess
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from desktop.os_glue.autostart import AtLogin, command_of, told_by

PATH = r"Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "Potluck"


class Values(Protocol):
    """Of one registry key. All raise OSError."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None: ...


class RunKey:
    """HKEY_CURRENT_USER's Run key."""

    def __init__(self) -> None:
        self._winreg: Any = import_module("winreg")  # is there on Windows alone

    def get(self, name: str) -> str | None:
        try:
            with self._winreg.OpenKey(self._winreg.HKEY_CURRENT_USER, PATH) as key:
                return str(self._winreg.QueryValueEx(key, name)[0])
        except FileNotFoundError:
            return None

    def set(self, name: str, value: str) -> None:
        with self._winreg.CreateKey(self._winreg.HKEY_CURRENT_USER, PATH) as key:
            self._winreg.SetValueEx(key, name, 0, self._winreg.REG_SZ, value)

    def delete(self, name: str) -> None:
        with self._winreg.CreateKey(self._winreg.HKEY_CURRENT_USER, PATH) as key:
            self._winreg.DeleteValue(key, name)


class WindowsAutostart:
    def __init__(self, program: Sequence[str], values: Values) -> None:
        self._program = program
        self._values = values

    def read(self) -> AtLogin:
        command = self._values.get(NAME)
        return AtLogin.NOTHING if command is None else told_by(command)

    def write(self, at_login: AtLogin) -> None:
        if at_login is not AtLogin.NOTHING:
            self._values.set(NAME, subprocess.list2cmdline(command_of(at_login, self._program)))
        elif self._values.get(NAME) is not None:
            self._values.delete(NAME)
