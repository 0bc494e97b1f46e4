"""Where panels stand: rows without a hole, what is read at a glance above what is looked into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# Grafana's grid: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/
WIDTH: Final = 24


@dataclass(frozen=True, slots=True)
class Shape:
    """How tall a kind of panel is, and how many of it a row holds at the most."""

    height: int
    across: int


_SHAPES: Final = {
    "stat": Shape(4, 4),
    "gauge": Shape(7, 3),
    "timeseries": Shape(8, 2),
    "table": Shape(9, 1),
}
_ORDER: Final = tuple(_SHAPES)
# A phone shows one thing above the other.
_TALL: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of the grid."""

    x: int
    y: int
    w: int
    h: int


def placed(kinds: Sequence[str], *, single: bool) -> tuple[Place, ...]:
    """The place of each panel, by its kind; in a single column in the order that they have."""
    if single:
        return tuple(Place(0, _TALL * number, WIDTH, _TALL) for number in range(len(kinds)))
    found: dict[int, Place] = {}
    y = 0
    for kind in _ORDER:
        members = [number for number, each in enumerate(kinds) if each == kind]
        for row in _rows(members, _SHAPES[kind].across):
            width, x = WIDTH // len(row), 0
            for number in row:
                # The last of a row takes what a division leaves.
                last = number == row[-1]
                found[number] = Place(x, y, WIDTH - x if last else width, _SHAPES[kind].height)
                x += width
            y += _SHAPES[kind].height
    return tuple(found[number] for number in range(len(kinds)))


def _rows(members: Sequence[int], across: int) -> Iterator[Sequence[int]]:
    """Rows that are about as long as each other: five are three and two, not four and one."""
    count = -(-len(members) // across)
    at = 0
    for row in range(count):
        length = -(-(len(members) - at) // (count - row))
        yield members[at : at + length]
        at += length
