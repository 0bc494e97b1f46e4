"""The month sees what it looks for: labkeeper with one thing made wrong does not get through it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.month.clock import Clock
from tests.month.lanes import DAY
from tests.month.life import Life
from tests.month.plagues import Plagues
from tests.month.world import world

pytestmark = [
    pytest.mark.testbed,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop mounts need root"),
]
BEGIN = datetime(2031, 3, 3, tzinfo=UTC)


def _empty_list(life: Life, plagues: Plagues) -> None:
    """A film is old enough and still shared, and its client says that it has nothing."""
    life.film(shared_for=60 * DAY)
    life.turn()
    life.world.clock.go_to(life.world.clock.now() + 3 * DAY)
    life.world.look()
    with plagues.lying("qbittorrent", "empty"):
        life.world.look()
        for _ in range(2):
            life.turn()


def _short_of_room(life: Life, plagues: Plagues) -> None:
    """What was put aside does not go at once, however short room is."""
    for number in range(4):
        life.write("scratch", "hot", f"old/{number}", 900_000)
    life.world.clock.go_to(life.world.clock.now() + 3 * DAY)
    # A rule that would take nearly all there is takes nothing.
    for number in range(16):
        life.write("scratch", "hot", f"new/{number}", 10_000)
    with plagues.filled("hot", 0.3):
        for _ in range(3):
            life.turn()


def _power_cut(_: Life, plagues: Plagues) -> None:
    """What labkeeper said to be done is done."""
    plagues.cut_at_rest()


def _disk_away(life: Life, plagues: Plagues) -> None:
    """Nothing goes to a disk that is not there."""
    plagues.due()
    plagues.disk_away()
    life.world.oracle.check(is_quiet=False)


SCENES: dict[str, tuple[Callable[[Life, Plagues], None], str]] = {
    "believes an empty list": (_empty_list, "though it is shared"),
    "purges before the hold": (_short_of_room, "purged before its hold ended"),
    "does not sync": (_power_cut, "lost"),
    "ignores mounts": (_disk_away, "written below an empty mount point"),
}


@pytest.mark.parametrize("variant", SCENES)
def test_what_is_wrong_is_caught(tmp_path: Path, variant: str) -> None:
    """The same scene is without a fault for labkeeper as it is, and not for the variant."""
    scene, fault = SCENES[variant]
    faults = {}
    for name in ("labkeeper", variant):
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        with world(Clock(folder, BEGIN), "ext4", seed=5, variant=name) as made:
            life = Life(made)
            scene(life, Plagues(life))
            faults[name] = made.oracle.faults

    assert faults["labkeeper"] == []
    assert any(fault in each for each in faults[variant]), faults[variant]
