"""What two rows of tokens have in common at their beginning. Pure."""

from collections.abc import Sequence


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading items agree."""
    if a == b[: len(a)]:  # as mostly: the one goes on from the other
        return len(a)
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
