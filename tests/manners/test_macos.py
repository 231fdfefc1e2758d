"""What macOS answers, by stand-ins for its frameworks."""

from types import SimpleNamespace

from engine.manners.probes.macos import MacOS


def test_macos_tells_seconds() -> None:
    asked: list[tuple[int, int]] = []

    class Ask:
        restype = argtypes = None

        def __call__(self, state: int, kind: int) -> float:
            asked.append((state, kind))
            return 12.5

    framework = SimpleNamespace(CGEventSourceSecondsSinceLastEventType=Ask())
    mac = MacOS(lambda path: framework)
    assert mac.idle_seconds() == 12.5
    assert asked == [(0, 0xFFFFFFFF)]
    assert (mac.metered(), mac.full_screen()) == (None, None)


def test_macos_without_a_screen_tells_nothing() -> None:
    def load(path: str) -> None:
        raise OSError

    assert MacOS(load).idle_seconds() is None
