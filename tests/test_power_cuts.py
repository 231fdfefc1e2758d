"""What cannot be had again is on the disk when it is said to be kept."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.membership.key import SwarmKey
from engine.membership.swarm_file import Membership, save_membership
from engine.preferences.settings_file import SettingsFile
from engine.store_place import Place, write_place


@pytest.mark.parametrize(
    "keep",
    [
        lambda file: SettingsFile(file).change({"when.metered": True}),
        lambda file: save_membership(file, Membership(name="Kitchen friends", key=SwarmKey.generate())),
        lambda file: write_place(file, Place(path=Path("/mnt/layers"))),
    ],
    ids=["settings", "key of a swarm", "place of the layers"],
)
def test_a_power_cut_leaves_no_empty_file(
    keep: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    flushed: list[int] = []

    def flush(descriptor: int) -> None:
        assert not file.exists()  # before it takes the old one's place
        flushed.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", flush)
    keep(file)
    assert flushed == [file.stat().st_size]
