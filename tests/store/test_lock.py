"""Who works on some disks shares with those that work on others, and with nobody that needs all."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from labkeeper.store import state as states


def test_disks_that_are_apart(tmp_path: Path) -> None:
    """Two share the state; a third that needs a disk of either, or all, is told who has it."""
    with ExitStack() as held:
        held.enter_context(states.lock(tmp_path, {"sda", "sdb"}))
        held.enter_context(states.lock(tmp_path, {"server nas/x", "sdc"}))
        for wanted in ({"sdd", "sdb"}, {"server nas/x"}, None):
            with pytest.raises(states.Busy) as busy, states.lock(tmp_path, wanted):
                pass
            assert busy.value.holder == str(os.getpid())
        # Who was refused holds none of those that it had got.
        held.enter_context(states.lock(tmp_path, {"sdd"}))

    with states.lock(tmp_path):
        pass


def test_all(tmp_path: Path) -> None:
    """Whoever has all keeps everybody out, whatever the disk."""
    with states.lock(tmp_path):
        for wanted in ({"sda"}, set[str](), None):
            with pytest.raises(states.Busy) as busy, states.lock(tmp_path, wanted):
                pass
            assert busy.value.holder == str(os.getpid())
