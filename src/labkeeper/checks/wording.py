"""Lists of names, as sentences have them."""

from collections.abc import Iterable
from typing import Final

_MOST: Final = 3


def quoted(names: Iterable[str], most: int = _MOST) -> str:
    """`` `a`, `b` and 2 more``."""
    ticked = [f"`{name}`" for name in names]
    if len(ticked) > most + 1:
        ticked = [*ticked[:most], f"{len(ticked) - most} more"]
    if len(ticked) < 2:
        return "".join(ticked)
    return f"{', '.join(ticked[:-1])} and {ticked[-1]}"
