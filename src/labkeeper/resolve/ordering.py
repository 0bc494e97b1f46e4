"""In which order services of a host start."""

from collections.abc import Mapping


def start_order(after: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
    """A place for each name, behind all that it comes after.

    In a circle no order is right: its members keep the order in which they were named.
    """
    placed: dict[str, int] = {}
    waiting = list(after)
    while waiting:
        ready = [
            name
            for name in waiting
            if all(first in placed or first not in after for first in after[name])
        ]
        for name in ready or waiting[:1]:
            placed[name] = len(placed)
            waiting.remove(name)
    return placed
