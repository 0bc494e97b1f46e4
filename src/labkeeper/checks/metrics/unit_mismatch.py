"""Thresholds that are right in another unit than the metric's."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.measured import Measured, measured, outcome
from labkeeper.checks.view import View
from labkeeper.source import Fix, Severity, rewrite
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Confusion:
    """A unit that people take another one for, and the values that give them away."""

    unit: str
    taken_for: str
    low: float
    high: float
    # What to multiply the threshold with.
    factor: float
    # The highest value that the metric may have for this to be a mistake.
    at_most: float | None = None


_UNITS: Final = {"ratio": "a ratio from 0 to 1"}
_MIB: Final = 1024.0 * 1024.0
_CONFUSIONS: Final = (
    Confusion("ratio", "percent", 1.5, 100, 0.01, at_most=1),
    Confusion("percent", "a ratio", 0.01, 0.9999, 100, at_most=100),
    Confusion("mebibytes", "bytes", _MIB * 16, float("inf"), 1 / _MIB),
    # Nobody waits for 64 kB of free memory or disk.
    Confusion("bytes", "MiB or GiB", 1, 65_536, 0),
    Confusion("milliwatts", "watts", 5, 2_000, 1000),
    Confusion("hertz", "megahertz", 100, 10_000, 1e6),
)


def check(view: View) -> Iterator[Fault]:
    """Comparisons that a factor would explain."""
    for found in measured(view):
        confusion = confused(found)
        if confusion is None:
            continue
        never = outcome(found.metric, found.operator, found.value) == "never"
        severity: Severity = "error" if never else "warning"
        yield Fault(
            f"`{found.name}` is {_UNITS.get(confusion.unit, f'in {confusion.unit}')}, and this "
            f"number looks like {confusion.taken_for}",
            found.at,
            _help(found, confusion),
            subject=f"{found.asked.subject}: {found.name}",
            severity=severity,
            fix=_fix(found, confusion) if never else None,
        )


def confused(found: Measured) -> Confusion | None:
    """The confusion that a threshold looks like."""
    if found.operator in {"==", "!="} or found.metric.timestamp:
        return None
    for each in _CONFUSIONS:
        if found.metric.unit != each.unit or not each.low <= abs(found.value) <= each.high:
            continue
        if each.at_most is not None and found.metric.high != each.at_most:
            continue
        if each.unit == "bytes" and not _is_room(found):
            continue
        return each
    return None


def _is_room(found: Measured) -> bool:
    """Memory and disks; queues and requests may well be a few bytes long."""
    if found.metric.type != "gauge" or found.threshold.written is None:
        return False
    return any(part in found.name for part in ("memory", "filesystem", "fs_", "mem_", "storage"))


def _fix(found: Measured, confusion: Confusion) -> Fix | None:
    """Percent for a ratio, compared as it is: above 1 nothing else can be meant."""
    written = found.threshold.written
    if confusion.unit != "ratio" or written is None or written.value != found.value:
        return None
    right = f"{found.value * confusion.factor:g}"
    return rewrite(f"write `{right}`", [found.at], f"{found.value:g}", right)


def _help(found: Measured, confusion: Confusion) -> str:
    if not confusion.factor:
        return f"write the bytes out: `{found.threshold.value:g} * 1024 * 1024` for MiB"
    return f"compare it with {found.value * confusion.factor:g}"


CHECK = Check("unit-mismatch", "warning", plan=check)
