"""Which devices begin anew when the owner sets something else: pure."""

from dataclasses import replace

from engine.settings import HostSettings, Settings

_Limits = tuple[bool, int | None, float]


def begins_anew(before: Settings, after: Settings, device: str) -> bool:
    """What it serves has to end, and to be decided anew. Limits of other devices do not matter to it."""
    if _wishes_for_all(before.host) != _wishes_for_all(after.host):
        return True
    return _limits(before, device) != _limits(after, device)


def _wishes_for_all(wishes: HostSettings) -> HostSettings:
    return replace(wishes, devices=None, memory_bytes=None, memory_by_device={})


def _limits(settings: Settings, device: str) -> _Limits:
    host = settings.host
    return host.may_use(device), host.memory_of(device), settings.how_much.duty_of(device)
