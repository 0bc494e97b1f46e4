"""Series of a disk's growth: kinds of labs, drawn with fixed seeds."""

import math
import random
from collections.abc import Callable
from typing import Final

GIB: Final = 1 << 30
_HOURS: Final = 24 * 7 * 9


def steady(draw: random.Random) -> list[float]:
    """Cameras: the same all day, with some noise."""
    level = draw.uniform(0.5, 5) * GIB
    return [level * draw.gauss(1, 0.2) for _ in range(_HOURS)]


def bursty(draw: random.Random) -> list[float]:
    """Downloads: nothing for hours, then some files of very different size."""
    often = draw.uniform(0.05, 0.3)
    size = draw.uniform(2, 20) * GIB
    return [
        size * draw.lognormvariate(0, 0.8) if draw.random() < often else 0.0 for _ in range(_HOURS)
    ]


def weekly(draw: random.Random) -> list[float]:
    """People: evenings, and more at weekends."""
    level = draw.uniform(0.5, 5) * GIB
    found = []
    for hour in range(_HOURS):
        evening = 1 + 0.9 * math.sin((hour % 24 - 14) / 24 * 2 * math.pi)
        weekend = 2.5 if (hour // 24) % 7 in (5, 6) else 0.6
        found.append(level * evening * weekend * draw.gauss(1, 0.3))
    return found


def step(draw: random.Random) -> list[float]:
    """A new camera, or one less: another level every few weeks."""
    level = draw.uniform(0.5, 5) * GIB
    found = []
    for _ in range(_HOURS):
        if draw.random() < 1 / (24 * 25):
            level *= draw.choice((0.5, 0.7, 1.5, 2.0))
        found.append(level * draw.gauss(1, 0.3))
    return found


def cleaned(draw: random.Random) -> list[float]:
    """Grows all day; somebody's own script takes some of it away each night."""
    level = draw.uniform(0.5, 5) * GIB
    part = draw.uniform(0.4, 0.8)
    found = []
    today = 0.0
    for hour in range(_HOURS):
        came = level * draw.lognormvariate(0, 0.6)
        today += came
        if hour % 24 == 3:
            came -= today * part
            today = 0.0
        found.append(came)
    return found


def asked(draw: random.Random) -> tuple[list[float], list[float]]:
    """A client that is given a season now and then: what came, and what was left of it to fetch."""
    often = draw.uniform(0.02, 0.07)
    size = draw.uniform(20, 150) * GIB
    pace = size / draw.uniform(3, 12)
    others = draw.uniform(0, 0.3) * often * size
    left = 0.0
    came, lefts = [], []
    for _ in range(_HOURS):
        if draw.random() < often:
            left += size * draw.lognormvariate(0, 0.7)
        part = min(left, pace * draw.uniform(0.7, 1.0))
        left -= part
        came.append(part + others * draw.uniform(0, 2))
        lefts.append(left)
    return came, lefts


KINDS: Final[dict[str, Callable[[random.Random], list[float]]]] = {
    "steady": steady, "bursty": bursty, "weekly": weekly, "step": step, "cleaned": cleaned,
}  # fmt: skip
