"""A tier may be filled to the last byte."""

from collections.abc import Iterator, Mapping

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import tier_of
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Looks for tiers without a reserve that something of the lab writes to."""
    writers = _writers(view)
    for tier in view.plan.tiers:
        kept = tier.keep_free
        if kept is not None and (kept.ratio or kept.bytes):
            continue
        if writer := writers.get((tier.host, tier.name)):
            yield Fault(
                f"nothing keeps the tier `{tier.name}` of `{tier.host}` from being filled to the"
                " last byte",
                tier.at,
                "say how much stays free: `keep-free: 10%`",
                (writer,),
                subject=f"{tier.host} {tier.name}",
            )


def _writers(view: View) -> Mapping[tuple[str, str], Related]:
    """What writes to which tier: a move before a service, since a move brings more."""
    found: dict[tuple[str, str], Related] = {}
    for move in view.plan.moves:
        related = Related(f"`{move.name}` moves files to it", move.target.at)
        found.setdefault((move.host, move.target.tier), related)
    for service in view.plan.services:
        for folder in service.folders:
            own = tier_of(folder.source.text, view.tiers_of(service.host))
            if own and not folder.read_only:
                related = Related(f"`{service.key}` writes to it", folder.at)
                found.setdefault((own.host, own.name), related)
    return found


CHECK = Check("no-free-space-reserve", "warning", plan=check)
