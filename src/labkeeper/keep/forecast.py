"""How fast a tier fills, from what was seen of it, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_FEWEST: Final = 6  # intervals between looks
_SHORTEST: Final = 5.0  # seconds
_LONGEST: Final = 3600.0  # what is older says little of now
_MOST_PARTS: Final = 24
# Twice the standard error holds the mean in 19 of 20 cases, if the parts are alike.
_ERRORS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Growth:
    """What came in between two looks, labkeeper's own moves and cleanings aside."""

    since: float
    until: float
    bytes: int

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Forecast:
    """Bytes a second, between which two with good odds, over how long it was seen.

    The seconds until the tier is full are none where it does not fill within reach: at the lowest
    rate that is possible, perhaps never.
    """

    rate: float
    lowest: float
    highest: float
    seen: float
    full_in: float | None
    earliest: float | None
    latest: float | None


def foresee(grown: Sequence[Growth], free: int, reach: float) -> Forecast | None:
    """None where too little was seen to say anything."""
    recent = [each for each in grown if each.seconds > 0]
    if recent:
        recent = [each for each in recent if each.until > recent[-1].until - _LONGEST]
    seen = sum(each.seconds for each in recent)
    if len(recent) < _FEWEST or seen < _SHORTEST:
        return None
    rate = sum(each.bytes for each in recent) / seen
    error = _error(_parts(recent))
    lowest, highest = rate - _ERRORS * error, rate + _ERRORS * error
    return Forecast(
        rate, lowest, highest, seen,
        _until(free, rate, reach), _until(free, highest, reach), _until(free, lowest, reach),
    )  # fmt: skip


def _until(free: int, rate: float, reach: float) -> float | None:
    if rate <= 0:
        return None
    seconds = max(0, free) / rate
    return seconds if seconds <= reach else None


def _parts(grown: Sequence[Growth]) -> list[float]:
    """Rates of parts of about the same length: single looks are too ragged to compare."""
    width = sum(each.seconds for each in grown) / min(_MOST_PARTS, max(2, len(grown) // 2))
    rates: list[float] = []
    seconds = count = 0.0
    for each in grown:
        seconds += each.seconds
        count += each.bytes
        if seconds >= width * 0.999:
            rates.append(count / seconds)
            seconds = count = 0.0
    return rates


def _error(rates: Sequence[float]) -> float:
    if len(rates) < 2:
        return abs(rates[0]) if rates else 0.0
    mean = sum(rates) / len(rates)
    variance = sum((rate - mean) ** 2 for rate in rates) / (len(rates) - 1)
    return math.sqrt(variance / len(rates))
