"""How often does the interval of a forecast hold? It says four of five.

./lk bench forecast [--series N] [--json FILE]

Each kind of series is drawn many times with fixed seeds. At several moments of each the time to
full is foreseen from all that came before, with room for one to ten days, and what came then says
whether it was within the interval.
"""

import argparse
import json
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.series import KINDS, asked
from labkeeper.keep.forecast import Forecast, foresee
from labkeeper.keep.growing import Growth

REACH = 21 * 86400.0
_HISTORIES = (3, 7, 14, 28)  # days


@dataclass(frozen=True)
class Case:
    """One forecast, and when the disk was full."""

    kind: str
    days: int
    forecast: Forecast
    truth: float | None

    @property
    def holds(self) -> bool:
        """It was full within the interval."""
        early = self.forecast.earliest
        if self.truth is None:
            return self.forecast.latest is None
        late = self.forecast.latest
        return early is not None and early <= self.truth and (late is None or self.truth <= late)

    @property
    def width(self) -> float | None:
        """How wide the interval is, as a part of the truth."""
        latest, earliest = self.forecast.latest, self.forecast.earliest
        if self.truth is None or latest is None or earliest is None:
            return None
        return (latest - earliest) / self.truth


def cases(kind: str, series: int, seed: int = 1) -> Iterator[Case]:
    """Forecasts of one kind."""
    for number in range(series):
        draw = random.Random(f"{kind} {seed} {number}")
        parts = KINDS[kind](draw)
        for days in _HISTORIES:
            origin = days * 24 + draw.randrange(24)
            history = [Growth(h * 3600.0, h * 3600.0 + 3600, int(parts[h])) for h in range(origin)]
            mean = max(1.0, sum(parts[origin - days * 24 : origin]) / (days * 24))
            room = int(mean * 24 * draw.uniform(1, min(10, days)))
            found = foresee(history, room, REACH)
            if found is not None:
                yield Case(kind, days, found, full(parts[origin:], room))


def asked_cases(series: int, seed: int = 1, *, is_known: bool) -> Iterator[Case]:
    """Forecasts while a client fetches, with room for some hours to some days."""
    for number in range(series):
        draw = random.Random(f"asked {seed} {number}")
        parts, left = asked(draw)
        for days in _HISTORIES:
            origin = days * 24 + draw.randrange(24)
            room = int(sum(parts[:origin]) / origin * 24 * draw.uniform(0.2, 3))
            history = [Growth(h * 3600.0, h * 3600.0 + 3600, int(parts[h])) for h in range(origin)]
            coming = int(left[origin - 1])
            found = foresee(history, room, REACH, outstanding=coming if is_known else 0)
            if found is not None and coming:
                yield Case("asked", days, found, full(parts[origin:], room))


def full(parts: Sequence[float], room: int) -> float | None:
    """When it was full."""
    has = 0.0
    for hour, part in enumerate(parts):
        if has + part >= room:
            seconds = (hour + (room - has) / part) * 3600
            return seconds if seconds <= REACH else None
        has += part
    return None


def main() -> None:
    """Try, and show."""
    parser = argparse.ArgumentParser(prog="lk bench forecast")
    parser.add_argument("--series", type=int, default=60)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    print(f"{'kind':10}{'held':>7}" + "".join(f"{d:>6} d" for d in _HISTORIES) + "   width   off")
    all_ = {kind: list(cases(kind, wanted.series)) for kind in KINDS}
    rows = [_row(kind, found) for kind, found in all_.items()]
    every = [case for found in all_.values() for case in found]
    print(f"{'all':10}{statistics.mean(case.holds for case in every):>7.0%}")
    for name, is_known in (("asked", True), ("unasked", False)):
        rows.append(_row(name, list(asked_cases(wanted.series, is_known=is_known))))
    if wanted.json:
        wanted.json.write_text(json.dumps({"format": 1, "kind": "bench-forecast", "rows": rows}))


def _row(kind: str, found: Sequence[Case]) -> dict[str, object]:
    held = statistics.mean(case.holds for case in found)
    each = [statistics.mean(c.holds for c in found if c.days == days) for days in _HISTORIES]
    wide = statistics.median([c.width for c in found if c.width is not None])
    off = statistics.median(
        abs(c.forecast.full_in / c.truth - 1) for c in found if c.truth and c.forecast.full_in
    )
    print(f"{kind:10}{held:>7.0%}" + "".join(f"{e:>8.0%}" for e in each), end="")
    print(f"{wide:>8.0%}{off:>6.0%}")
    return {"kind": kind, "held": held, "by_days": each, "width": wide, "off": off}


if __name__ == "__main__":
    main()
