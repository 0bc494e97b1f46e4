"""How long the disks of tiers had little to do for others than labkeeper."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from labkeeper.host import spindles
from labkeeper.host.spindles import Spindles, Work

_EVERY: Final = 10.0  # seconds
# What is under this is no traffic: a film that somebody watches is 250 kB/s and more.
_BYTES: Final = 64 * 1024  # a second
_BUSY: Final = 0.05  # of the time


@dataclass(frozen=True, slots=True)
class Idle:
    """Seconds for which the disks of a move had little to do, or why nobody knows."""

    seconds: float = 0.0
    why: str = ""
    # And for how long a rule waits for that.
    waited: float = 0.0


class Quiet:
    """The disks of some tiers."""

    def __init__(
        self, tiers: Mapping[str, str],
        under: Callable[[str], Spindles] = spindles.under,
        work: Callable[[Iterable[str]], Mapping[str, Work]] = spindles.work,
    ) -> None:  # fmt: skip
        self._tiers = tiers
        self._under = under
        self._work = work
        self._of: dict[str, Spindles] = {}
        self._since: dict[str, float] = {}
        self._last: dict[str, tuple[float, Work]] = {}
        self._acts: dict[str, int] = {}
        self._next = 0.0

    def look(self, now: float) -> None:
        """See what each disk did since it was looked at."""
        if not self._tiers or now < self._next:
            return
        self._next = now + _EVERY
        self._of = {name: self._under(path) for name, path in self._tiers.items()}
        disks = {disk for each in self._of.values() for disk in each.disks}
        for disk, done in self._work(disks).items():
            self._since.setdefault(disk, now)
            if not self._is_ours(disk):
                self._see(disk, now, done)

    def begin(self, tier: str) -> None:
        """Labkeeper itself works there from now on: whatever a disk does is not seen."""
        self._acts[tier] = self._acts.get(tier, 0) + 1

    def end(self, tier: str) -> None:
        """It has ended; what it did is forgotten."""
        self._acts[tier] = max(0, self._acts.get(tier, 0) - 1)
        for disk in self._of.get(tier, Spindles()).disks:
            self._last.pop(disk, None)

    def of(self, tiers: tuple[str, ...], now: float) -> Idle:
        """How long they all are idle, those left aside of which nobody knows."""
        known = [self._idle(tier, now) for tier in tiers]
        seconds = [each.seconds for each in known if not each.why]
        if seconds:
            return Idle(min(seconds))
        return Idle(why=next((each.why for each in known), "there is no such tier"))

    def _idle(self, tier: str, now: float) -> Idle:
        on = self._of.get(tier, Spindles(why="it was not looked at yet"))
        if not on.disks:
            return Idle(why=on.why)
        if not on.disks <= self._since.keys():
            return Idle(why="the kernel does not tell what its disk does")
        return Idle(now - max(self._since[disk] for disk in on.disks))

    def _is_ours(self, disk: str) -> bool:
        return any(
            count and disk in self._of.get(tier, Spindles()).disks
            for tier, count in self._acts.items()
        )

    def _see(self, disk: str, now: float, work: Work) -> None:
        last = self._last.get(disk)
        self._last[disk] = now, work
        if last is None or now <= last[0]:
            return
        seconds = now - last[0]
        share = (work.seconds - last[1].seconds) / seconds
        if work.bytes - last[1].bytes > _BYTES * seconds or share > _BUSY:
            self._since[disk] = now
