"""What a made series may do: what its contract lets it, whatever an expression would like."""

import pytest

from labkeeper.catalog import Metric
from labkeeper.prove.line import Clock, Course, Line
from labkeeper.prove.world import World


def world(written: str, kind: str) -> World:
    """One series of a metric."""
    metric = Metric.parse(written)
    line = Line("x", (), metric, kind, 15.0, ("j", "i"))  # type: ignore[arg-type]
    return World((line,), Clock(600, 1200, 1800), (Course(),), (Course(),))


@pytest.mark.parametrize(
    ("written", "kind", "course", "allowed"),
    [
        ("c {} 0..", "counter", Course(slope=1.0), True),
        ("c {} 0..", "counter", Course(slope=-1.0), False),
        ("g {} 0..1", "gauge", Course(level=0.5), False),
        ("g ratio {} 0..1", "gauge", Course(level=0.5), True),
        ("g {} 0..100", "gauge", Course(level=101.0), False),
        ("g {} 0..100", "gauge", Course(level=-1.0), False),
        # It would leave its range before the phase is over.
        ("g {} 0..100", "gauge", Course(level=50.0, slope=1.0), False),
        # What says yes or no says nothing between.
        ("g {} 0..1", "gauge", Course(level=1.0), True),
    ],
)
def test_values_stay_in_their_range(written: str, kind: str, course: Course, allowed: bool) -> None:
    """Counters only count; a gauge keeps to what the contract says, to the end of its phase."""
    assert world(written, kind).allows(0, course, "wrong") is allowed


def test_a_target_that_is_down_has_no_values() -> None:
    """But those that Prometheus itself writes; another target goes on."""
    load, up = Metric.parse("g {} 0.."), Metric.parse("g {} 0..1")
    lines = (
        Line("up", (), up, "gauge", 15.0, ("j", "i"), synthetic=True),
        Line("scrape_duration_seconds", (), load, "gauge", 15.0, ("j", "i"), synthetic=True),
        Line("load", (("instance", "i"),), load, "gauge", 15.0, ("j", "i")),
        Line("load", (("instance", "k"),), load, "gauge", 15.0, ("j", "k")),
    )
    running = (Course(level=1.0), *(Course(),) * 3)

    found = World(lines, Clock(600, 1200, 1800), running, running).put({0: Course()}, "wrong")

    assert found
    assert [course.there for course in found.wrong] == [True, True, False, True]
