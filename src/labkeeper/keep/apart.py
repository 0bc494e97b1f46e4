"""On which disks a rule works: two that share none may act at the same time."""

import os
from collections.abc import Callable
from typing import assert_never

from labkeeper.host import spindles
from labkeeper.host.spindles import Spindles
from labkeeper.keep.rules import Kept
from labkeeper.plan import Cleanup, Move, Place
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal


def disks_of(
    rule: Move | Cleanup, kept: Kept, under: Callable[[str], Spindles] | None = None
) -> frozenset[str] | None:
    """Names of disks, and of servers; none where one of its places does not tell.

    Whoever cannot tell works alone.
    """
    found: set[str] = set()
    for path in _paths(rule, kept):
        on = (under or _under)(path)
        if not on.disks and not on.server:
            return None
        found.update(on.disks or (f"server {on.server}",))
    return frozenset(found)


def _under(path: str) -> Spindles:
    """By its real path: a link may lead to another disk."""
    try:
        return spindles.under(os.fsdecode(look_at(path, "folder").real))
    except Refusal as refusal:
        return Spindles(why=refusal.message)


def _paths(rule: Move | Cleanup, kept: Kept) -> tuple[str, ...]:
    """A folder of a tier may be a mount of its own, so both count."""
    places: tuple[Place, ...]
    match rule:
        case Move():
            places = rule.source, rule.target
        case Cleanup():
            places = (rule.place,)
        case never:
            assert_never(never)
    tiers = (kept.tier(place.tier) for place in places)
    return (*(place.path for place in places), *(tier.path for tier in tiers if tier is not None))
