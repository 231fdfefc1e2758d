"""Every wanted library is pinned to one exact version that satisfies what pyproject.toml asks for."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]


def pinned() -> dict[str, Version]:
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.split("==") for line in lines if not line.startswith("#"))
    return {name: Version(version) for name, version in pins}


def wanted() -> list[str]:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = content["project"]
    extras = (line for lines in project["optional-dependencies"].values() for line in lines)
    return [*content["build-system"]["requires"], *project["dependencies"], *extras]


@pytest.mark.parametrize("line", wanted())
def test_what_the_project_asks_for_is_pinned_within_its_bounds(line):
    requirement = Requirement(line)
    version = pinned().get(canonicalize_name(requirement.name))
    assert version is not None, "Write the pins anew: .venv/bin/python packaging/pin.py"
    assert version in requirement.specifier


def test_no_pin_names_a_build():
    assert [name for name, version in pinned().items() if version.local] == []
