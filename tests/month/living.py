"""Living through some days, with all that comes over them."""

import os
from collections import Counter

from tests.month.lanes import DAY, MIB, RESERVES, TURN
from tests.month.life import Life
from tests.month.plagues import Plagues
from tests.month.world import World


def live(made: World, days: int, every: int = 0) -> tuple[Counter[str], Counter[str]]:
    """So many days, in which something befalls the lab each so many turns."""
    life = Life(made)
    plagues = Plagues(life)
    turn = 0
    end = made.clock.now() + days * DAY
    while made.clock.now() < end:
        life.turn()
        turn += 1
        check_room(life)
        if every and turn % every == 0:
            plagues.come(len(plagues.came))
        if turn % int(DAY // TURN) == 0:
            made.oracle.check(is_quiet=True)
    made.oracle.check_log(made.state)
    return Counter(type(event).__name__ for event in made.events), Counter(plagues.came)


def check_room(life: Life) -> None:
    """No disk is over its reserve by labkeeper's doing, or full while something could go."""
    world = life.world
    looks = {tier: os.statvfs(world.disks.at(tier)) for tier in RESERVES}
    is_over = {tier: look.f_bavail < look.f_blocks * RESERVES[tier] for tier, look in looks.items()}
    if is_over["cold"]:
        world.oracle.faults.append("labkeeper filled `cold` into its reserve")
    cold = looks["cold"]
    room = cold.f_bavail * cold.f_frsize - RESERVES["cold"] * cold.f_blocks * cold.f_frsize
    stays = [c for c in world.oracle.alive("images") if c.tier == "hot" and not c.holds]
    if is_over["hot"] and stays and room > 32 * MIB:
        world.oracle.faults.append(f"`hot` is in its reserve, and {stays[0].shown} could go")
