"""Sizes and lists, as they are put into words."""

from collections.abc import Sequence
from typing import Final

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def amount(count: float) -> str:
    """`1.5 GiB`; whole numbers without a point."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count /= 1024
        unit += 1
    return f"{round(count, 1):g} {_UNITS[unit]}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in backticks: `a`, `b` and 3 more."""
    shown = [f"`{name}`" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
