"""Paths on a host: which lies in which, and in which tier."""

from collections.abc import Iterable

from labkeeper.plan import Tier


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def tier_of(path: str, tiers: Iterable[Tier]) -> Tier | None:
    """The innermost of a host's tiers that a path lies in."""
    over = [tier for tier in tiers if is_below(path, tier.path)]
    return max(over, key=lambda tier: len(tier.path), default=None)
