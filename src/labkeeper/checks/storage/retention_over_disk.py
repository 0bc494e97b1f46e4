"""Prometheus may keep more measurements than there is room for."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import amount
from labkeeper.checks.storage.places import tier_of
from labkeeper.checks.view import View
from labkeeper.plan import Service, Tier
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Compares what each Prometheus may keep with the tier that it keeps it in."""
    by_key = {f"{service.host}/{service.key}": service for service in view.plan.services}
    for server in view.plan.prometheuses:
        service = by_key.get(server.key)
        if service is None or server.retention_size is None:
            continue
        for tier in _tiers(service, view):
            room = _room(tier)
            if room is not None and server.retention_size > room:
                yield Fault(
                    f"`{service.key}` may keep {amount(server.retention_size)} of measurements, and"
                    f" the tier `{tier.name}` has room for {amount(room)}",
                    server.retention_at or server.at,
                    f"keep less (`retention: {{size: {_less(room)}}}`), or put them elsewhere",
                    (Related(f"`{tier.name}` is declared here", tier.at),),
                    subject=f"{service.host} {service.key}",
                )


def _tiers(service: Service, view: View) -> Iterator[Tier]:
    for folder in service.folders:
        tier = tier_of(folder.source.text, view.tiers_of(service.host))
        if folder.kind == "state" and tier is not None:
            yield tier


def _room(tier: Tier) -> int | None:
    """What may lie in a tier whose size is known, less what is to stay free."""
    if tier.size is None:
        return None
    kept = tier.keep_free
    reserve = round(tier.size * (kept.ratio or 0)) + (kept.bytes or 0) if kept else 0
    return max(tier.size - reserve, 0)


def _less(room: int) -> str:
    """Half of the room: the write-ahead log and compactions need some beside it."""
    return f"{max(room // 2 // 1024**3, 1)}GiB"


CHECK = Check("retention-over-disk", "warning", plan=check)
