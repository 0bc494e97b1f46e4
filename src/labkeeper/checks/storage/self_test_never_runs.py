"""A schedule of self-tests that no moment fits, so that a disk never tests itself."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import Slice
from labkeeper.values import regex

# smartd.conf(5): the pattern has to fit all of `T/MM/DD/d/HH`.
_KINDS: Final = "LSCOnrc"
_HOURS: Final = tuple(f"{hour:02}" for hour in range(24))
_DAYS: Final = tuple(f"{day:02}" for day in range(1, 32))
_MONTHS: Final = tuple(f"{month:02}" for month in range(1, 13))
# Tests that are staggered over the disks (`:NNN`) are matched against more than this.
_STAGGERED: Final = regex(r":\d{3}")
# What POSIX's extended expressions and Python's mean alike.
_SHARED: Final = regex(r"[\w/.|()\[\]-]+")
_LIST: Final = regex(r"\((?P<list>[^()]+)\)")
_LONGEST: Final = 200


def check(view: View) -> Iterator[Fault]:
    """Patterns behind `-s` that are tried on every hour that there is."""
    for entry in view.plan.smartd:
        pattern = entry.schedule
        if pattern is None or not pattern.is_literal or _STAGGERED.search(pattern.text):
            continue
        if len(pattern.text) > _LONGEST or not _SHARED.fullmatch(pattern.text):
            continue
        for part in _alternatives(pattern):
            if reason := _why(part.text):
                yield Fault(
                    f"`{part.text}` {reason}",
                    part.span,
                    "write `T/MM/DD/d/HH` with two digits each for month, day and hour, and one "
                    "for the weekday (7 is Sunday): `-s (S/../.././02|L/../../7/03)`",
                    subject=entry.device.text,
                )


def _alternatives(pattern: Slice) -> Iterator[Slice]:
    """The tests of `(S/...|L/...)`, each by itself; else all of it."""
    found = _LIST.fullmatch(pattern.text)
    if found is None:
        yield pattern
        return
    at = found.start("list")
    for part in found["list"].split("|"):
        yield pattern.cut(at, at + len(part))
        at += len(part) + 1


@lru_cache(maxsize=64)
def _why(text: str) -> str | None:
    # smartd's patterns are POSIX's, which has sets in sets (`[[:digit:]]`), and Python's has none.
    if "[[" in text:
        return None
    try:
        pattern = re.compile(text)  # noqa: TID251 - whether it is one is the question
    except (re.error, RecursionError, OverflowError):
        return "is no regular expression, so smartd does not start"
    times = product(_KINDS, _HOURS, "7123456", _DAYS, _MONTHS)
    if any(pattern.fullmatch(f"{k}/{m}/{d}/{w}/{h}") for k, h, w, d, m in times):
        return None
    return "fits no time, so this test never runs"


CHECK = Check("self-test-never-runs", "error", plan=check)
