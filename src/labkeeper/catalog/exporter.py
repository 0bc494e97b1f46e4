"""What an exporter exposes: one file each in `exporters/`, one line a metric.

A line of a contract is read from the left: the type, then in any order the unit, the labels in
braces, the range as `low..high` and `key=value` words. `avail <= size` is `at-most=NAME`.

What is normal on a healthy machine is a number or a range of them, `normal=0..80`: of a counter
what it counts a second; of a point in time how long ago it was, `normal=0s..1h`, or how far ahead,
`normal=-90d..-15d`; with `%`, the share of the metric that `at-most` names.
"""

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Final, Literal, Self

import msgspec

from labkeeper.values import dataclass, regex

MetricType = Literal["counter", "gauge", "histogram", "summary", "untyped"]

_TYPES: Final[Mapping[str, MetricType]] = {
    "c": "counter",
    "g": "gauge",
    "h": "histogram",
    "s": "summary",
    "u": "untyped",
}
UNITS: Final = frozenset(
    {"seconds", "milliseconds", "days", "bytes", "mebibytes", "bits", "ratio", "percent"}
    | {"celsius", "watts", "milliwatts", "joules", "millijoules", "volts", "amperes", "hertz"}
    | {"megahertz", "rpm", "bytes-per-second", "bits-per-second", "decibels", "frames-per-second"}
)
_RANGE: Final = regex(r"(?P<low>-?[0-9.e+]+?)?\.\.(?P<high>-?[0-9.e+]+)?")
_WORD: Final = regex(r"\{[^}]*\}|\S+")
_KEYS: Final = frozenset(
    {"normal", "needs", "gpu", "since", "until", "at-most", "means", "parts", "rate-at-most"}
    | {"buckets", "over"}
)
_NUMBER: Final = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?:ms|[smhdwy%])?"
_NORMAL: Final = regex(rf"(?P<low>{_NUMBER})(?:\.\.(?P<high>{_NUMBER}))?")
_SECONDS: Final = {
    "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400,
}  # fmt: skip
# The series of a family, by its type: https://prometheus.io/docs/concepts/metric_types/
_SERIES: Final[Mapping[MetricType, tuple[str, ...]]] = {
    "counter": ("",),
    "gauge": ("",),
    "untyped": ("",),
    "histogram": ("", "_bucket", "_sum", "_count"),
    "summary": ("", "_sum", "_count"),
}


@dataclass(frozen=True, slots=True)
class Usual:
    """What is normal: from `low` to `high`; a `share` is of the metric that it never exceeds."""

    low: float
    high: float
    share: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """What is known of one metric; nothing said means that nobody looked, never that it is not."""

    type: MetricType
    unit: str | None = None
    # Labels that the exporter itself sets; none where they were not looked up.
    labels: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    # A point in time, in seconds since 1970.
    timestamp: bool = False
    # A usual value on a healthy machine: `0`, `0..0.8`.
    normal: str | None = None
    # A metric of the same series that it never exceeds.
    at_most: str | None = None
    # A label over whose values it adds up to 1 (a counter: what it counts a second): of the states
    # of a unit exactly one is 1, the modes of a CPU share its time.
    parts: str | None = None
    # The most that a counter counts a second.
    rate_at_most: float | None = None
    # The bounds of a histogram, without the last, which is infinite.
    buckets: tuple[str, ...] = ()
    # The flag without which it is not exposed, and the flag that takes it away.
    needs: str | None = None
    # What a prober has to speak with a target to see it: `tls`.
    over: str | None = None
    # The GPU that has it: `volta` and newer, `datacenter` cards.
    gpu: str | None = None
    since: str | None = None
    until: str | None = None
    # What it measures, in a word that metrics of other exporters share: `gpu-temperature`.
    means: str | None = None
    # Values that a label can have: `state` in `active|inactive|failed`.
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a line of a contract; a ValueError says what is wrong with it."""
        kind, *words = _WORD.findall(text) or [""]
        if kind not in _TYPES:
            raise ValueError(f"a type is one of {', '.join(_TYPES)}, and `{kind}` is none")
        found: dict[str, object] = {"type": _TYPES[kind]}
        for word in words:
            found.update(_word(word))
        return msgspec.convert(found, cls)

    @property
    def usual(self) -> Usual | None:
        """What is normal, as numbers."""
        return _usual(self.normal) if self.normal else None

    @property
    def series(self) -> tuple[str, ...]:
        """What is added to its name in the names of its series."""
        return _SERIES[self.type]


def _word(word: str) -> dict[str, object]:
    if word in UNITS:
        return {"unit": word}
    if word == "timestamp":
        return {"timestamp": True, "unit": "seconds"}
    if word.startswith("{"):
        return _labels(word[1:-1])
    if found := _RANGE.fullmatch(word):
        low, high = found["low"], found["high"]
        return {"low": float(low) if low else None, "high": float(high) if high else None}
    key, equals, value = word.partition("=")
    if not equals or key not in _KEYS:
        raise ValueError(f"`{word}` is no unit, range, label set or known key")
    if key == "normal":
        _usual(value)
    if key == "buckets":
        return {"buckets": tuple(value.split("|"))}
    if key == "rate-at-most":
        return {"rate_at_most": float(value)}
    return {key.replace("-", "_"): value}


def _usual(text: str) -> Usual:
    found = _NORMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no normal value")
    low = found["low"]
    high = found["high"] or low
    return Usual(_number(low), _number(high), low.endswith("%"))


def _number(text: str) -> float:
    """A number, a share or a duration."""
    if text.endswith("%"):
        return float(text[:-1]) / 100
    unit = text.lstrip("-.0123456789")
    return float(text) if unit not in _SECONDS else float(text[: -len(unit)]) * _SECONDS[unit]


def _labels(text: str) -> dict[str, object]:
    """`a, state=x|y`: labels, some with all the values that they can have."""
    names: list[str] = []
    values: list[tuple[str, tuple[str, ...]]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, known = part.partition("=")
        names.append(name)
        if equals:
            values.append((name, tuple(known.split("|"))))
    return {"labels": tuple(names), "values": tuple(values)}


@dataclass(frozen=True, slots=True)
class Renamed:
    """What became of a metric."""

    # None where it went without a successor.
    to: str | None = None
    # The version that renamed it.
    since: str | None = None


@dataclass(frozen=True)
class Exporter:
    """One exporter and its contract."""

    # Its name, which is its file's.
    name: str
    # What people call it.
    title: str
    # Where its project tells of it.
    documentation: str
    # Where the table of metrics comes from, and its licence.
    source: str
    # Its metrics by name.
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    # The part of the table that a script makes.
    derived: Mapping[str, Metric] = field(default_factory=dict)
    # The port that it listens on unless it is told another.
    port: int | None = None
    # The path that answers.
    path: str = "/metrics"
    # What its jobs are usually called.
    jobs: tuple[str, ...] = ()
    # Images that run it, besides those of the service that names this contract.
    images: tuple[str, ...] = ()
    # Programs, as they are called on a command line.
    programs: tuple[str, ...] = ()
    # Seconds between two looks of its own at what it measures.
    poll: float | None = None
    # Beginnings of names that are its own.
    prefixes: tuple[str, ...] = ()
    # Whether every name under those prefixes is in the table ...
    complete: bool = False
    # ... except under these, which depend on the machine.
    open: tuple[str, ...] = ()
    # Names that it had.
    renamed: Mapping[str, Renamed] = field(default_factory=dict)
    # What it does not have, though people look for it: the name, and what to use instead.
    instead: Mapping[str, str] = field(default_factory=dict)
    # What happened, where nobody looks after it any more.
    retired: str | None = None
    # The contract that took its place.
    successor: str | None = None
    # A prober answers for something else: its `up` only says that it runs itself.
    prober: bool = False

    @cached_property
    def series(self) -> Mapping[str, Metric]:
        """Every name that a query can use, the hand-written lines before the derived ones."""
        return {
            name + ending: metric
            for table in (self.derived, self.metrics)
            for name, metric in table.items()
            for ending in metric.series
        }

    def owns(self, name: str) -> bool:
        """Whether a name is one of its own kind, exposed or not."""
        return name.startswith(self.prefixes) if self.prefixes else False

    def denies(self, name: str) -> bool:
        """Whether a name looks like its own but is none of them, in no version."""
        if not self.complete or not self.owns(name) or name in self.series:
            return False
        return not (self.open and name.startswith(self.open)) and name not in self.renamed
