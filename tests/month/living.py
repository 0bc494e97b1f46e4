"""Living through some days, with all that comes over them."""

from collections import Counter

from tests.month.lanes import DAY, TURN
from tests.month.life import Life
from tests.month.plagues import Plagues, check_room
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
