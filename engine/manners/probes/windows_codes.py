"""What the numbers mean that Windows answers. Pure.

Sources: Microsoft's reference of QUERY_USER_NOTIFICATION_STATE, NLM_CONNECTION_COST and SYSTEM_POWER_STATUS.
"""

TICK_BITS = 32  # of milliseconds since the start; they begin anew after 49.7 days
NOT_PRESENT, BUSY, FULL_SCREEN_GAME, PRESENTATION, ACCEPTS_NOTIFICATIONS, QUIET_TIME = range(1, 7)
_FILLS = frozenset({BUSY, FULL_SCREEN_GAME, PRESENTATION})
_FILLS_NOT = frozenset({NOT_PRESENT, ACCEPTS_NOTIFICATIONS, QUIET_TIME})

UNRESTRICTED, FIXED, VARIABLE = 0x1, 0x2, 0x4  # of NLM_CONNECTION_COST
OVER_LIMIT, ROAMING, NEAR_LIMIT = 0x10000, 0x40000, 0x80000
_COSTS = FIXED | VARIABLE | OVER_LIMIT | ROAMING | NEAR_LIMIT

OFFLINE, ONLINE = 0, 1  # ACLineStatus; 255: unknown
NO_BATTERY = 128  # of BatteryFlag


def fills_the_screen(state: int) -> bool | None:
    """A locked screen shows nobody's application. None for states of which no size is said: an app of
    Windows' store runs (7), and what newer versions may add."""
    return state in _FILLS if state in _FILLS | _FILLS_NOT else None


def is_metered(cost: int) -> bool | None:
    """None without a connection, or where Windows does not know what it costs."""
    if cost & _COSTS:
        return True
    return False if cost & UNRESTRICTED else None


def runs_on_battery(line: int, flag: int) -> bool | None:
    """A computer without a battery never does. 255 as flag means unknown, though it has that bit."""
    if line in (OFFLINE, ONLINE):
        return line == OFFLINE
    return False if flag != 255 and flag & NO_BATTERY else None
