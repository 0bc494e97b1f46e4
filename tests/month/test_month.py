"""A month in the life of a lab: nothing is lost, no tier is ever full, every act is explained."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.month.clock import Clock
from tests.month.lanes import DAY, TURN
from tests.month.life import Life
from tests.month.world import World, world

pytestmark = [
    pytest.mark.testbed,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop mounts need root"),
]
BEGIN = datetime(2031, 3, 3, tzinfo=UTC)


def live(made: World, days: int) -> Counter[str]:
    """So many days."""
    life = Life(made)
    for _ in range(days):
        for _ in range(int(DAY // TURN)):
            life.turn()
        made.oracle.check(is_quiet=True)
    return Counter(type(event).__name__ for event in made.events)


def test_two_quiet_weeks(tmp_path: Path) -> None:
    """Files arrive, are watched, move and go, and each is where it should be."""
    with world(Clock(tmp_path, BEGIN), "ext4", seed=1) as made:
        seen = live(made, 14)

        assert made.oracle.faults == []
        assert seen["Moved"] > 10
        assert seen["Cleaned"] > 3
