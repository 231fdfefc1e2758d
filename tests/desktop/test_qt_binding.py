"""The installed Qt binding counts its references to None.

PySide6 6.12.0 does not on Python 3.11: each call that returns nothing takes one reference of None away, and
after some thousands of calls the process is aborted.
"""

import sys

from PySide6.QtCore import QObject

CALLS = 500
SLACK = 50  # other code may take or give a few meanwhile


def test_calls_into_qt_do_not_wear_none_out() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("name")
    assert abs(sys.getrefcount(None) - before) < SLACK
