"""Two tiers of one host are the same place, or one lies in the other."""

from collections.abc import Iterator
from itertools import combinations

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import is_below
from labkeeper.checks.view import View
from labkeeper.plan import Tier
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Compares the paths of each host's tiers."""
    for one, other in combinations(view.plan.tiers, 2):
        if one.host != other.host:
            continue
        outer, inner = (one, other) if is_below(other.path, one.path) else (other, one)
        if outer.path == inner.path:
            yield _same(one, other)
        elif is_below(inner.path, outer.path) and inner.size is None:
            yield _within(outer, inner)


def _same(first: Tier, second: Tier) -> Fault:
    return Fault(
        f"the tiers `{first.name}` and `{second.name}` of `{first.host}` are both `{first.path}`",
        second.path_at,
        "give each its own disk, or its own folder with a `size`",
        (Related(f"`{first.name}` is here", first.path_at),),
        subject=f"{first.host} {first.name} {second.name}",
    )


def _within(outer: Tier, inner: Tier) -> Fault:
    return Fault(
        f"the tier `{inner.name}` of `{inner.host}` lies in the tier `{outer.name}`: what is"
        f" counted, moved or cleaned in `{outer.name}` is in `{inner.name}`, too",
        inner.path_at,
        f"mount it outside of `{outer.path}`; if it is a folder of that disk, give it a `size`",
        (Related(f"`{outer.name}` is here", outer.path_at),),
        subject=f"{inner.host} {outer.name} {inner.name}",
        severity="warning",
    )


CHECK = Check("tier-overlap", "error", plan=check)
