"""How series run while all is well: by what the contracts call normal, else by what is likely."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Literal

from labkeeper.catalog import Usual
from labkeeper.prove.line import Clock, Course, Line
from labkeeper.prove.world import World

# Where in what is normal: at its low end, in the middle, at its high end.
Corner = Literal["low", "middle", "high"]
CORNERS: Final[tuple[Corner, ...]] = ("low", "middle", "high")
_DAY: Final = 86400.0
_TROUBLE: Final = (
    "error", "errs", "fail", "drop", "oom", "timeout", "missed", "corrupt", "rejected", "retrans",
    "invalid", "exceeded", "degraded", "throttl",
)  # fmt: skip
_LARGE: Final = 1e11


def usual_world(
    lines: tuple[Line, ...],
    clock: Clock,
    corner: Corner = "middle",
    sizes: Mapping[str, Corner] = MappingProxyType({}),
) -> World:
    """All series as they normally are, in both phases; some metrics elsewhere in their range."""
    ordered: dict[int, Course] = {}
    bare = World(lines, clock, (Course(),) * len(lines), (Course(),) * len(lines))
    places = [sizes.get(line.name, corner) for line in lines]
    for index in range(len(lines)):
        _settle(bare, index, places, ordered)
    courses = _shared_out(bare, [ordered[n] for n in range(len(lines))])
    return World(lines, clock, tuple(courses), tuple(courses))


def unknown_normal(lines: Sequence[Line]) -> tuple[str, ...]:
    """The metrics of which nothing says what is normal."""
    names = [each.name for each in lines if each.metric.usual is None and not each.metric.parts]
    return tuple(dict.fromkeys(names))


def _settle(world: World, index: int, places: list[Corner], done: dict[int, Course]) -> None:
    if index in done:
        return
    above = world.upper(index)
    if above is not None and above != index:
        done[index] = Course()
        _settle(world, above, places, done)
    most = done[above] if above is not None else None
    done[index] = _course(world.lines[index], most, places[index])


def _course(line: Line, most: Course | None, corner: Corner) -> Course:
    usual = line.metric.usual
    level = _level(line, usual, most, corner)
    match line.kind:
        case "counter":
            return Course(slope=max(0.0, level))
        case "stamp":
            # How long ago it was; what was written a moment ago is written again and again.
            fresh = usual is not None and 0 <= usual.high < _DAY
            return Course(-level, slope=1.0 if fresh else 0.0)
        case "gauge":
            return Course(level)


def _level(line: Line, usual: Usual | None, most: Course | None, corner: Corner) -> float:
    if usual is not None:
        place = {"low": 0.0, "middle": 0.5, "high": 1.0}[corner]
        found = usual.low + (usual.high - usual.low) * place
        if usual.share:
            return found * (most.level if most else _LARGE)
        return min(found, most.level) if most and line.kind == "gauge" else found
    if most is not None:
        return most.level / 2
    return _likely(line)


def _likely(line: Line) -> float:
    """A value where no contract says what is normal: nothing is concluded from it."""
    low, high, name = line.metric.low, line.metric.high, line.name
    if any(word in name for word in _TROUBLE):
        return low or 0.0
    if line.kind == "counter":
        return min(1.0, line.metric.rate_at_most or 1.0)
    if line.kind == "stamp":
        return 3600.0
    if line.is_flag:
        return 0.0
    if name.endswith("_bytes"):
        return _LARGE if high is None else high / 2
    if low is not None and high is not None:
        return (low + high) / 2
    return max(10.0, low or 0.0) if high is None else min(10.0, high)


def _shared_out(world: World, courses: list[Course]) -> list[Course]:
    """Of states exactly one is 1; shares of a counter add up to 1."""
    for group in set(world.siblings.values()):
        first = world.lines[group[0]]
        chosen = _chosen(world, group)
        for n in group:
            share = _portion(n == chosen, len(group))
            if first.kind == "counter":
                courses[n] = replace(courses[n], slope=share)
            else:
                courses[n] = replace(courses[n], level=1.0 if n == chosen else 0.0)
    return courses


def _portion(chosen: bool, count: int) -> float:
    return 0.8 if chosen else min(0.02, 0.2 / max(1, count - 1))


# The state that a thing is in while all is well, and the mode of a processor that is not asked.
_WELL: Final = ("active", "idle", "running", "online", "ok", "healthy", "ONLINE", "inactive")


def _chosen(world: World, group: tuple[int, ...]) -> int | None:
    for wanted in _WELL:
        for n in group:
            line = world.lines[n]
            if dict(line.labels).get(line.metric.parts or "") == wanted:
                return n
    return None
