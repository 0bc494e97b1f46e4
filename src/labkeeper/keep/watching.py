"""Looking at tiers again and again, and what follows from their growth."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from labkeeper.keep.events import Foreseen
from labkeeper.keep.forecast import Forecast, Growth, foresee
from labkeeper.keep.idling import Idle, Quiet
from labkeeper.keep.looks import AtOnce, Look, Looks
from labkeeper.keep.remembering import Memory
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.status import TierNow
from labkeeper.keep.usage import Usage
from labkeeper.plan import Tier

NOT_YET: Final = "it was not looked at yet"
_SHARE: Final = 20  # a look that takes a second is not repeated for so many
_TOLD_EVERY: Final = 10.0
# A forecast is told anew when the time to full is so much shorter or longer.
_OTHER: Final = 1.5


@dataclass(frozen=True, slots=True)
class Often:
    """How often a tier is looked at, and the rest that follows from a second of forecasting."""

    look: float = 1.0
    rest: float = 100.0


@dataclass
class _Seen:
    """What was seen of one tier."""

    tier: Tier
    usage: Usage = field(default_factory=lambda: Usage(why=NOT_YET))
    next: float = 0.0
    # What growth is counted from: the look before labkeeper itself began to change the tier.
    base: tuple[float, int] | None = None
    # How many acts of labkeeper change it now.
    busy: int = 0
    ended_at: float = 0.0
    is_seen: bool = False
    foreseen_at: float = 0.0
    forecast: Forecast | None = None
    told: Forecast | None = None
    told_at: float = -_TOLD_EVERY


class Watch:
    """The tiers of a host."""

    def __init__(
        self, kept: Kept, below: Callable[[str], int] | None = None, memory: Memory | None = None,
        looks: Looks | None = None, often: Often | None = None,
    ) -> None:  # fmt: skip
        self._looks = looks or AtOnce(below)
        self._often = often or Often()
        self._memory = memory or Memory()
        # The looks' clock never goes back; what is remembered is by the calendar.
        self._epoch = time.time() - time.monotonic()
        self._zone = zone_of(kept.timezone)
        self._reach = kept.reach
        self._seen = {tier.name: _Seen(tier) for tier in kept.tiers}
        self._coming: Mapping[str, int] = {}
        # Where no rule asks for it, nobody counts what disks do.
        wanted = {
            n for m in kept.moves if m.idle is not None for n in (m.source.tier, m.target.tier)
        }
        self._quiet = Quiet({tier.name: tier.path for tier in kept.tiers if tier.name in wanted})

    def look(self, now: float, *, is_due: bool = False) -> None:
        """Look at every tier whose turn it is."""
        self._quiet.look(now)
        for seen in self._seen.values():
            if is_due or now >= seen.next:
                seen.next = now + self._often.look
                self._looks.begin(seen.tier)
        for each in self._looks.done():
            self._take(self._seen[each.tier], each, now)

    @property
    def next(self) -> float:
        """When a tier is looked at again, by the clock that `look` is told."""
        return min((seen.next for seen in self._seen.values()), default=0.0)

    def is_seen(self, name: str) -> bool:
        """Whether it was looked at, whatever came of it."""
        return name not in self._seen or self._seen[name].is_seen

    def expect(self, coming: Mapping[str, int]) -> None:
        """Clients are about to fetch so many bytes, by the name of the tier."""
        self._coming = coming

    def begin(self, *names: str) -> None:
        """Labkeeper itself changes these from now on."""
        for name in names:
            if name in self._seen:
                self._seen[name].busy += 1
                self._quiet.begin(name)

    def end(self, name: str, own: int | None) -> None:
        """It has ended, and changed a tier by so many bytes; nobody knows how many: none."""
        seen = self._seen.get(name)
        if seen is None:
            return
        seen.busy = max(0, seen.busy - 1)
        self._quiet.end(name)
        seen.ended_at = time.monotonic()
        if own is None:
            seen.base = None
        elif seen.base is not None:
            seen.base = (seen.base[0], seen.base[1] + own)

    def idle(self, *names: str) -> Idle:
        """How long the disks of all these had little to do for others."""
        return self._quiet.of(names, time.monotonic())

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

    def _take(self, seen: _Seen, look: Look, now: float) -> None:
        usage = look.usage
        seen.usage, seen.is_seen = usage, True
        if not usage.is_known:
            seen.base = None
        # What was seen while an act went on is some part of what it did.
        elif not seen.busy and look.begun >= seen.ended_at:
            if seen.base is not None:
                since, until = seen.base[0] + self._epoch, now + self._epoch
                growth = Growth(since, until, usage.used - seen.base[1])
                self._memory.note(seen.tier.name, growth)
            seen.base = (now, usage.used)
        seen.next = now + max(self._often.look, look.took * _SHARE)
        if not usage.is_known:
            seen.forecast = None
        elif now >= seen.foreseen_at:
            begun = time.monotonic()
            seen.forecast = foresee(
                self._memory.of(seen.tier.name), usage.free, self._reach,
                outstanding=self._coming.get(seen.tier.name, 0), zone=self._ahead(),
            )  # fmt: skip
            seen.foreseen_at = now + (time.monotonic() - begun) * self._often.rest

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
