"""When a tier is full, and other times, in the words of people."""

import time
from datetime import datetime

from labkeeper.cli.talk import size
from labkeeper.keep.forecast import Forecast


def foreseen(forecast: Forecast) -> str:
    """When a tier is full, with its doubt."""
    if forecast.full_in is None:
        return "does not fill" if forecast.rate <= 0 else "is not full for a long time"
    if forecast.full_in == 0:
        return "is full"
    text = f"is {full_in(forecast.full_in)}"
    earliest = roughly(forecast.earliest) if forecast.earliest is not None else "?"
    if forecast.latest is None:
        return f"{text} (from {earliest}, perhaps never)"
    latest = roughly(forecast.latest)
    return text if earliest == latest else f"{text} ({earliest} to {latest})"


def full_in(seconds: float) -> str:
    """When a tier is full, in the fewest words."""
    return f"full in about {roughly(seconds)}"


def rate(forecast: Forecast) -> str:
    """How fast a tier fills."""
    lowest, highest = (size(max(0, each)) for each in (forecast.lowest, forecast.highest))
    likely = f"{size(max(0, forecast.rate))}/s"
    return likely if lowest == highest else f"{likely}, {lowest} to {highest}/s in four of five"


def asked_for(forecast: Forecast) -> str:
    """What clients are about to fetch, where they are."""
    coming = forecast.outstanding
    return f"; clients are about to fetch {size(coming)}" if coming else ""


def roughly(seconds: float) -> str:
    """A span of time, no more exact than a forecast can be."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def moment(at: float) -> str:
    """A time of this week, as people say it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%a %H:%M")


def ahead(at: datetime | None) -> str:
    """How long until a moment."""
    if at is None:
        return "not again"
    seconds = at.timestamp() - time.time()
    return "now" if seconds < 1 else f"in {roughly(seconds)}"
