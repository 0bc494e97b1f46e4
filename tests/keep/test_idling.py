"""Disks that have little to do: what others do is seen, what labkeeper does is not."""

import pytest

from labkeeper.host.spindles import Spindles, Work
from labkeeper.keep.idling import Idle, Quiet

MIB = 1 << 20
ON = {
    "/hot": Spindles(frozenset({"a"})), "/cold": Spindles(frozenset({"b", "c"})),
    "/nas": Spindles(server="nas", why="nas:/x is on another machine"),
}  # fmt: skip


class Disks:
    """Disks that are told what they did."""

    def __init__(self) -> None:
        self.now = 0.0
        self.done = {name: Work(0, 0.0) for name in "abc"}
        tiers = {path.strip("/"): path for path in ON}
        self.quiet = Quiet(tiers, ON.__getitem__, lambda _: self.done)
        self.quiet.look(0.0)

    def go_on(self, seconds: float, **bytes_: int) -> None:
        """Time passes, and some disks are read in the first ten seconds of it."""
        end = self.now + seconds
        for name, count in bytes_.items():
            self.done[name] = Work(self.done[name].bytes + count, self.done[name].seconds)
        while self.now < end:
            self.now += 10.0
            self.quiet.look(self.now)

    def idle(self, *tiers: str) -> Idle:
        """How long they are."""
        return self.quiet.of(tiers, self.now)


def test_idle() -> None:
    """Since the last traffic on any of their disks; a little is none."""
    disks = Disks()
    disks.go_on(300, a=100_000)
    assert disks.idle("hot", "cold") == Idle(300.0)
    disks.go_on(100, c=10 * MIB)

    assert disks.idle("hot", "cold") == Idle(90.0)
    assert disks.idle("hot") == Idle(400.0)


def test_small_and_slow() -> None:
    """A disk that seeks most of the time is not idle, however little that brings."""
    disks = Disks()
    disks.go_on(100)
    disks.done["a"] = Work(4096, 2.0)
    disks.go_on(10)

    assert disks.idle("hot") == Idle(0.0)


def test_own_work_is_not_traffic() -> None:
    """Neither while it goes on nor after it; what others do afterwards is."""
    disks = Disks()
    disks.go_on(100)
    disks.quiet.begin("cold")
    disks.go_on(50, b=500 * MIB)
    disks.go_on(50, b=500 * MIB)
    disks.done["b"] = Work(5000 * MIB, 9.0)
    disks.quiet.end("cold")
    disks.go_on(100)
    assert disks.idle("hot", "cold") == Idle(300.0)
    disks.go_on(10, b=500 * MIB)

    assert disks.idle("hot", "cold") == Idle(0.0)


@pytest.mark.parametrize("tier", ["nas", "else"])
def test_unknown(tier: str) -> None:
    """Where nobody can know, that is said; of two tiers the one that is known counts."""
    disks = Disks()
    disks.go_on(50)

    assert disks.idle(tier).why
    assert disks.idle("nas", "hot") == Idle(50.0)
