"""What errors have in common."""

import errno
from shutil import SameFileError

from engine.errors import reason_of


def test_a_failure_of_the_system_always_has_a_reason() -> None:
    assert reason_of(OSError(errno.EACCES, "Permission denied")) == "Permission denied"
    assert reason_of(SameFileError("both are one file")) == "SameFileError"
