"""Where promtool keeps the databases that it makes for a moment."""

import os
from pathlib import Path

import pytest

from labkeeper.host import promtool


def test_memory_is_used_only_where_it_is_there_and_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room, or without such a folder, the system's own temporary folder is taken."""
    monkeypatch.setattr(promtool, "_MEMORY", tmp_path)
    monkeypatch.setattr(promtool, "_ROOM", 0)
    assert promtool._memory() == tmp_path
    look = os.statvfs(tmp_path)
    monkeypatch.setattr(promtool, "_ROOM", 2 * look.f_blocks * look.f_frsize + 1)
    assert promtool._memory() is None
    monkeypatch.setattr(promtool, "_MEMORY", tmp_path / "missing")
    assert promtool._memory() is None
