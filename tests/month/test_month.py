"""A month in the life of a lab: nothing is lost, no tier is ever full, every act is explained."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.month.clock import Clock
from tests.month.lanes import DAY, TURN
from tests.month.life import Life
from tests.month.plagues import Plagues
from tests.month.world import World, world

pytestmark = [
    pytest.mark.testbed,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop mounts need root"),
]
BEGIN = datetime(2031, 3, 3, tzinfo=UTC)


def live(made: World, days: int, every: int = 0) -> tuple[Counter[str], Counter[str]]:
    """So many days, in which something befalls the lab each so many turns."""
    life = Life(made)
    plagues = Plagues(life)
    turn = 0
    end = made.clock.now() + days * DAY
    while made.clock.now() < end:
        life.turn()
        turn += 1
        if every and turn % every == 0:
            plagues.come(len(plagues.came))
        if turn % int(DAY // TURN) == 0:
            made.oracle.check(is_quiet=True)
    return Counter(type(event).__name__ for event in made.events), Counter(plagues.came)


def test_quiet_days(tmp_path: Path) -> None:
    """Files arrive, are watched, move and go, and each is where it should be."""
    with world(Clock(tmp_path, BEGIN), "ext4", seed=1) as made:
        seen, _ = live(made, 8)

        assert made.oracle.faults == []
        assert seen["Moved"] > 5
        assert seen["Cleaned"] > 3
