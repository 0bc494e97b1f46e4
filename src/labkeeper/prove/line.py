"""One made series: what it is, and how it runs in a phase."""

from typing import Literal

from labkeeper.catalog import Metric
from labkeeper.promql import Selector
from labkeeper.prove.source import fits
from labkeeper.prove.vector import Labels
from labkeeper.values import dataclass

Kind = Literal["gauge", "counter", "stamp"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds from promtool's 0: all is well until `wrong`, and again from `well`."""

    wrong: float
    well: float
    end: float

    @property
    def lasts(self) -> float:
        """How long something is wrong."""
        return self.well - self.wrong


@dataclass(frozen=True, slots=True)
class Course:
    """How a series runs in a phase.

    `level` is a gauge's value when the phase begins; a point in time stands as far from the clock.
    `slope` is what is added each second: what a counter counts; 1 for a time that keeps up.
    """

    level: float = 0.0
    slope: float = 0.0
    # Seconds after which it starts anew or goes to and fro; 0 for never.
    every: float = 0.0
    there: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A series: what it is called, what it is, who is asked for it, how often."""

    name: str
    labels: Labels
    metric: Metric
    kind: Kind
    interval: float
    # Job and instance; series of one target go together when it does not answer.
    target: tuple[str, str]
    synthetic: bool = False

    def fits(self, selector: Selector) -> bool:
        """Whether a selector picks it."""
        if selector.named:
            if not all(fits(m, self.name) is True for m in selector.named):
                return False
        elif selector.name != self.name:
            return False
        labels = dict(self.labels)
        return all(fits(m, labels.get(m.label, "")) is True for m in selector.matchers)

    @property
    def is_share(self) -> bool:
        """Whether what is normal of it is a share of something else."""
        return self.metric.usual is not None and self.metric.usual.share

    @property
    def is_flag(self) -> bool:
        """Whether it only says yes or no."""
        return (self.metric.low, self.metric.high) == (0.0, 1.0) and self.metric.unit is None


def gauge(line: Line, course: Course, since: float) -> float:
    """A gauge's value so many seconds into a phase."""
    if course.every:
        odd = int(since // course.every) % 2
        other = 1.0 - course.level if line.is_flag else course.level + course.slope
        return other if odd else course.level
    return course.level + course.slope * since


def stamp(course: Course, start: float, at: float) -> float:
    """A point in time, as it is told at another one."""
    if course.every:
        return start + (at - start) // course.every * course.every
    return start + course.level + course.slope * (at - start)
