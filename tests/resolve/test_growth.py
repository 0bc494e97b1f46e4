"""What a lab costs grows as the lab does."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from bench.check import large
from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS, View, check_plan
from labkeeper.resolve import resolve
from tests.resolve.homes import lab_of

CATALOG = shipped_catalog()


def resolved(text: str) -> Callable[[], object]:
    lab = lab_of(text)
    return lambda: resolve(lab, CATALOG)


def checked(text: str) -> Callable[[], object]:
    plan = resolve(lab_of(text), CATALOG)
    return lambda: list(check_plan(View(plan, catalog=CATALOG), CHECKS))


def lines(do: Callable[[], object]) -> int:
    """How many lines of code are run, each turn of a loop among them."""
    count = 0

    def trace(_frame: FrameType, event: str, _of: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        do()
    finally:
        sys.settrace(before)
    return count


def read(text: str) -> Callable[[], object]:
    return lambda: lab_of(text)


@pytest.mark.parametrize("work", [read, resolved, checked])
def test_twice_the_lab_is_twice_the_work(work: Callable[[str], Callable[[], object]]) -> None:
    """Six hosts with 240 services against three: no service is asked about every other."""
    small, twice = work(large(3)), work(large(6))
    # What is worked out once, for all labs, is none of either.
    small()

    assert lines(twice) < 2.15 * lines(small)
