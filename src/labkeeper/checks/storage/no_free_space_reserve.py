"""A tier may be filled to the last byte."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import tier_of
from labkeeper.checks.view import View
from labkeeper.plan import Plan, Tier
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Looks for tiers without a reserve that something of the lab writes to."""
    for tier in view.plan.tiers:
        kept = tier.keep_free
        if kept is not None and (kept.ratio or kept.bytes):
            continue
        if writer := _writer(tier, view.plan):
            yield Fault(
                f"nothing keeps the tier `{tier.name}` of `{tier.host}` from being filled to the"
                " last byte",
                tier.at,
                "say how much stays free: `keep-free: 10%`",
                (writer,),
                subject=f"{tier.host} {tier.name}",
            )


def _writer(tier: Tier, plan: Plan) -> Related | None:
    """What writes to it: a move before a service, since a move brings more."""
    for move in plan.moves:
        if move.host == tier.host and move.target.tier == tier.name:
            return Related(f"`{move.name}` moves files to it", move.target.at)
    for service in plan.services:
        for folder in service.folders:
            own = tier_of(folder.source.text, service.host, plan.tiers)
            if own == tier and not folder.read_only:
                return Related(f"`{service.key}` writes to it", folder.at)
    return None


CHECK = Check("no-free-space-reserve", "warning", plan=check)
