"""Write constraints.txt: exact versions of all that pyproject.toml asks for, and of what that needs in turn.

.venv/bin/python packaging/pin.py > packaging/constraints.txt

Run it where the newest wanted versions are installed and the tests pass.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HEADER = """\
# Made by packaging/pin.py; do not edit by hand. Every version here was installed together and tested.
# No build is named (as in 1.0+cpu), so that each system gets the one that suits it.
"""


def asked_for(pyproject: Path) -> list[str]:
    content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    extras = content["project"]["optional-dependencies"].values()
    return [
        *content["build-system"]["requires"],
        *content["project"]["dependencies"],
        *(line for lines in extras for line in lines),
    ]


def needed_here(lines: Iterable[str], extras: Iterable[str] = ()) -> Iterator[Requirement]:
    """Requirements whose markers hold on this system."""
    for requirement in map(Requirement, lines):
        if requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            yield requirement


def pins(lines: Iterable[str]) -> dict[str, str]:
    """Version by name, for these requirements and theirs. PackageNotFoundError for one not installed."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(needed_here(lines))
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        installed = distribution(requirement.name)
        found[name] = Version(installed.version).public
        waiting += needed_here(installed.requires or (), extras)
    return found


def main() -> int:
    try:
        found = pins(asked_for(Path(__file__).resolve().parent.parent / "pyproject.toml"))
    except PackageNotFoundError as missing:
        print(f"Not installed here: {missing.name}. Install it first, then run this again.", file=sys.stderr)
        return 1
    print(HEADER + "\n".join(f"{name}=={version}" for name, version in sorted(found.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
