"""What was seen of a tier's growth: the last minutes as they were, the rest in parts, on disk."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from labkeeper.keep.growing import HOUR, Growth
from labkeeper.store import state as states
from labkeeper.store.samples import Samples

_PART: Final = 300.0  # seconds
_RECENT: Final = 12  # parts; what is older is known by them
_FINE: Final = 2 * 86400.0  # and by the hour
_KEPT: Final = 56 * 86400.0


@dataclass
class _Tier:
    """Of one tier: what is folded, what is not, and where that begins that is not on disk."""

    parts: list[Growth] = field(default_factory=list)
    recent: list[Growth] = field(default_factory=list)
    saved_until: float = 0.0


class Memory:
    """The growth of tiers."""

    def __init__(self, samples: Samples | None = None) -> None:
        self._samples = samples
        self._tiers: dict[str, _Tier] = {}

    @classmethod
    def open(cls, folder: Path) -> "Memory":
        """What is on disk; only what is seen from now on, where that cannot be read."""
        try:
            return cls(Samples.open(folder))
        except states.Broken:
            return cls()

    @classmethod
    def read(cls, folder: Path) -> "Memory":
        """What is on disk, as another process keeps it: nothing is written."""
        try:
            return cls(Samples.read(folder))
        except states.Broken:
            return cls()

    def close(self) -> None:
        """Write down what was not yet."""
        for name in self._tiers:
            self._save(name)
        if self._samples is not None:
            self._samples.close()

    def note(self, name: str, growth: Growth) -> None:
        """Something came, or nothing did."""
        tier = self._tier(name)
        if tier.recent and _part(tier.recent[-1], _PART) != _part(growth, _PART):
            self._save(name)
        tier.recent.append(growth)
        # Whole parts, so that none is known twice or half.
        while _part(tier.recent[0], _PART) < _part(growth, _PART) - _RECENT:
            del tier.recent[0]

    def of(self, name: str) -> list[Growth]:
        """All that is known."""
        tier = self._tier(name)
        if not tier.recent:
            return list(tier.parts)
        begin = tier.recent[0].since
        return [*(part for part in tier.parts if part.until <= begin), *tier.recent]

    def _tier(self, name: str) -> _Tier:
        known = self._tiers.get(name)
        if known is None:
            known = self._tiers[name] = _Tier()
            if self._samples is not None:
                with suppress(states.Broken):
                    rows = [Growth(*row) for row in self._samples.of(name)]
                    known.parts = thinned(rows, rows[-1].until) if rows else []
        return known

    def _save(self, name: str) -> None:
        tier = self._tiers[name]
        new = folded([g for g in tier.recent if g.since >= tier.saved_until], _PART)
        if not new:
            return
        tier.saved_until = new[-1].until
        tier.parts = thinned([*tier.parts, *new], tier.saved_until)
        if self._samples is not None:
            rows = [(each.since, each.until, each.bytes) for each in new]
            with suppress(states.Broken):
                self._samples.add(name, rows, tier.saved_until - _KEPT)


def thinned(grown: Sequence[Growth], now: float) -> list[Growth]:
    """By the hour what is old; nothing of what is too old."""
    old = [each for each in grown if now - _KEPT <= each.until < now - _FINE]
    return [*folded(old, HOUR), *(each for each in grown if each.until >= now - _FINE)]


def folded(grown: Sequence[Growth], width: float) -> list[Growth]:
    """One growth for all that ends in the same part, unless nobody looked in between."""
    found: list[Growth] = []
    for each in grown:
        last = found[-1] if found else None
        if last and last.until == each.since and _part(last, width) == _part(each, width):
            found[-1] = Growth(last.since, each.until, last.bytes + each.bytes)
        else:
            found.append(each)
    return found


def _part(each: Growth, width: float) -> int:
    return int((each.until - 1e-6) // width)
