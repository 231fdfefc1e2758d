"""Words about what the owner has set.

GET    /potluck/v1/settings                        -> SettingsReport
PUT    /potluck/v1/settings        SettingsChange  -> SettingsReport: all of it holds, or nothing
DELETE /potluck/v1/settings/{key}                  -> SettingsReport: as if it had never been set
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel, StringConstraints

from engine.api.base import Schema
from engine.api.sentences import Said

Key = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")]
_Text = Annotated[str, StringConstraints(max_length=1000)]
_Texts = Annotated[tuple[_Text, ...], Field(max_length=200)]
_ByName = Annotated[dict[_Text, int | _Text], Field(max_length=200)]
Value = bool | int | float | _Text | _Texts | _ByName | None


class SettingKind(StrEnum):
    SWITCH = "switch"
    NUMBER = "number"
    SIZE = "size"  # in bytes
    RATE = "rate"  # in bytes per second
    CHOICE = "choice"
    MODEL = "model"  # the name of one
    NAMES = "names"
    PROGRAMS = "programs"  # names: of programs of this computer
    DEVICES = "devices"  # names: keys of this computer's devices; none of them: all
    OF_DEVICES = "of_devices"  # by device key, numbers or sizes that hold there instead of what holds for all
    TIMES = "times"  # names: each as in “mon-fri 22:00-07:00”


class Option(Schema):
    value: str
    text: str


class SettingForm(Schema):
    """Which values a setting takes, and how a page asks for them."""

    kind: SettingKind
    none: str | None = None  # what null means, in words; None: null is no value
    unit: str = ""
    factor: int = 1  # of the unit, in what the value counts
    least: int = 0
    most: int = 0
    suggested: int | None = None  # where a page begins when a value is chosen instead of null
    options: tuple[Option, ...] = ()
    common: str = ""  # key of the setting that holds for devices of which nothing is said


class Setting(Schema):
    """One setting as it is now. `short` and `long` are English; a window may translate them."""

    key: str
    group: str
    short: str
    long: str
    form: SettingForm
    value: Value = None
    default: Value = None
    source: Literal["default", "file", "command_line"] = "default"
    effect: Literal["now", "restart"] = "now"  # when a change of it is felt
    pending: bool = False  # changed, and not felt before Potluck starts again


class SettingsReport(Schema):
    settings: tuple[Setting, ...]
    file: str  # where they are kept
    troubles: tuple[Said, ...] = ()  # sentences about what the file says and cannot mean

    def setting(self, key: str) -> Setting:
        """Raises KeyError."""
        return {setting.key: setting for setting in self.settings}[key]


class SettingsChange(RootModel[Annotated[dict[Key, Value], Field(min_length=1, max_length=100)]]):
    """Values by key. Sizes and rates may also be written as people do: “8GB”."""

    model_config = ConfigDict(frozen=True, strict=True)
