"""Looking at tiers again and again, and what follows from their growth."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from labkeeper.keep.events import Foreseen
from labkeeper.keep.forecast import Forecast, Growth, foresee
from labkeeper.keep.measuring import usage_of
from labkeeper.keep.remembering import Memory
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.status import TierNow
from labkeeper.keep.usage import Usage
from labkeeper.plan import Tier

_EVERY: Final = 1.0
_SHARE: Final = 20  # a look that takes a second is not repeated for so many
_TOLD_EVERY: Final = 10.0
# A forecast is told anew when the time to full is so much shorter or longer.
_OTHER: Final = 1.5


@dataclass
class _Seen:
    """What was seen of one tier."""

    tier: Tier
    usage: Usage = field(default_factory=lambda: Usage(why="it was not looked at yet"))
    next: float = 0.0
    # What growth is counted from: the look before labkeeper itself began to change the tier.
    base: tuple[float, int] | None = None
    # How many acts of labkeeper change it now.
    busy: int = 0
    foreseen_at: float = 0.0
    forecast: Forecast | None = None
    told: Forecast | None = None
    told_at: float = -_TOLD_EVERY


class Watch:
    """The tiers of a host."""

    def __init__(
        self, kept: Kept, below: Callable[[str], int] | None = None, memory: Memory | None = None
    ) -> None:  # fmt: skip
        self._below = below
        self._memory = memory or Memory()
        # The looks' clock never goes back; what is remembered is by the calendar.
        self._epoch = time.time() - time.monotonic()
        self._zone = zone_of(kept.timezone)
        self._reach = kept.reach
        self._seen = {tier.name: _Seen(tier) for tier in kept.tiers}
        self._coming: Mapping[str, int] = {}

    def look(self, now: float, *, is_due: bool = False) -> None:
        """Look at every tier whose turn it is."""
        for seen in self._seen.values():
            if is_due or now >= seen.next:
                self._look(seen, now)

    def expect(self, coming: Mapping[str, int]) -> None:
        """Clients are about to fetch so many bytes, by the name of the tier."""
        self._coming = coming

    def begin(self, *names: str) -> None:
        """Labkeeper itself changes these from now on."""
        for name in names:
            if name in self._seen:
                self._seen[name].busy += 1

    def end(self, name: str, own: int | None) -> None:
        """It has ended, and changed a tier by so many bytes; nobody knows how many: none."""
        seen = self._seen.get(name)
        if seen is None:
            return
        seen.busy = max(0, seen.busy - 1)
        if own is None:
            seen.base = None
        elif seen.base is not None:
            seen.base = (seen.base[0], seen.base[1] + own)

    def usage(self, name: str) -> Usage:
        """How full a tier was when it was looked at."""
        seen = self._seen.get(name)
        return seen.usage if seen else Usage(why=f"there is no tier `{name}`")

    def full_in(self, name: str) -> float | None:
        """In how many seconds a tier would be full; none where nobody can say."""
        seen = self._seen.get(name)
        return seen.forecast.full_in if seen and seen.forecast else None

    def usages(self) -> dict[str, Usage]:
        """All of them."""
        return {name: seen.usage for name, seen in self._seen.items()}

    def now(self) -> tuple[TierNow, ...]:
        """All of them, with what is foreseen."""
        return tuple(TierNow(n, seen.usage, seen.forecast) for n, seen in self._seen.items())

    def news(self, now: float) -> list[Foreseen]:
        """Forecasts that differ from what was told."""
        found = []
        for name, seen in self._seen.items():
            forecast = seen.forecast
            if forecast is None or now - seen.told_at < _TOLD_EVERY:
                continue
            if _is_news(seen.told, forecast):
                seen.told, seen.told_at = forecast, now
                found.append(Foreseen(name, seen.usage, forecast))
        return found

    def _look(self, seen: _Seen, now: float) -> None:
        begun = time.monotonic()
        usage = usage_of(seen.tier, self._below)
        took = time.monotonic() - begun
        seen.usage = usage
        if not usage.is_known:
            seen.base = None
        elif not seen.busy:
            if seen.base is not None:
                since, until = seen.base[0] + self._epoch, now + self._epoch
                growth = Growth(since, until, usage.used - seen.base[1])
                self._memory.note(seen.tier.name, growth)
            seen.base = (now, usage.used)
        seen.next = now + max(_EVERY, took * _SHARE)
        if not usage.is_known:
            seen.forecast = None
        elif now >= seen.foreseen_at:
            begun = time.monotonic()
            seen.forecast = foresee(
                self._memory.of(seen.tier.name), usage.free, self._reach,
                outstanding=self._coming.get(seen.tier.name, 0), zone=self._ahead(),
            )  # fmt: skip
            seen.foreseen_at = now + (time.monotonic() - begun) * _SHARE * 5

    def _ahead(self) -> float:
        """By how much the lab's clocks are ahead of Greenwich."""
        offset = datetime.now(self._zone).astimezone(self._zone).utcoffset()
        return offset.total_seconds() if offset else 0.0


def _is_news(old: Forecast | None, new: Forecast) -> bool:
    if old is None:
        return new.full_in is not None
    if (old.full_in is None) != (new.full_in is None):
        return True
    if old.full_in is None or new.full_in is None:
        return False
    shorter, longer = sorted((old.full_in, new.full_in))
    return longer > shorter * _OTHER
