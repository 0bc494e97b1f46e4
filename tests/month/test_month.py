"""A month in the life of a lab: nothing is lost, no tier is ever full, every act is explained."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.month.clock import Clock
from tests.month.life import Life
from tests.month.living import live
from tests.month.plagues import Plagues
from tests.month.world import world

pytestmark = [
    pytest.mark.testbed,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop mounts need root"),
]
BEGIN = datetime(2031, 3, 3, tzinfo=UTC)


def test_quiet_days(tmp_path: Path) -> None:
    """Files arrive, are watched, move and go, and each is where it should be."""
    with world(Clock(tmp_path, BEGIN), "ext4", seed=1) as made:
        seen, _ = live(made, 8)

        assert made.oracle.faults == []
        assert seen["Moved"] > 5
        assert seen["Cleaned"] > 3


@pytest.mark.parametrize(
    ("kind", "seed", "days", "every"), [("ext4", 2, 28, 7), ("btrfs", 3, 15, 3)]
)
def test_a_month(tmp_path: Path, kind: str, seed: int, days: int, every: int) -> None:
    """Power cuts, disks away, full or hung, lies and kills: all is there, and all is explained."""
    with world(Clock(tmp_path, BEGIN), kind, seed) as made:
        seen, came = live(made, days, every)

        assert made.oracle.faults == []
        assert seen["Moved"] > days / 2
        assert len(came) == len(Plagues(Life(made)).all), "each came at least once"
