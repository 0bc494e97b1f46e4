"""Numbers that make a comparison true: far beyond the limit first, then close to it."""

from collections.abc import Iterator
from typing import Final

OPPOSITE: Final = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}


def targets(sign: str, limit: float, now: float | None) -> Iterator[float]:
    """Values that are on the right side of a limit."""
    far = max(abs(limit), 1.0)
    match sign:
        case "==":
            yield limit
        case "!=":
            yield from (limit + 1, limit - 1, 0.0 if limit else 1.0)
        case ">" | ">=":
            # Shares and percentages end at 1 and 100.
            yield from (value for value in (1.0, 100.0) if limit < value < 4 * far)
            yield from (limit + far * 0.25, limit + far, limit * 1.02 + 0.001 * far)
            yield from (limit + far * 4, limit + 2, limit + far * 0.01)
            if sign == ">=":
                yield limit
        case "<" | "<=":
            if limit > 0:
                yield from (0.0, limit / 2, limit * 0.98, limit - 1)
            else:
                yield from (limit - far * 0.25, limit - far, limit - far * 4)
            if sign == "<=":
                yield limit
            if limit > 0:
                yield from (-far,)
    if now is not None and sign in {">", "<"} and (now > limit) == (sign == ">") and now != limit:
        yield now
