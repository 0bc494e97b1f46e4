"""A database lives on a slow or a remote disk."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import tier_of
from labkeeper.checks.view import View
from labkeeper.plan import Folder, Plan, Service, Tier
from labkeeper.source import Related

# https://prometheus.io/docs/prometheus/latest/storage/: NFS is not supported, since the database
# may be damaged there beyond repair.
_NEVER_REMOTE: Final = frozenset({"prometheus"})
_FAST: Final = frozenset({"ssd", "nvme"})


def check(view: View) -> Iterator[Fault]:
    """Looks at the tiers that the state of databases lies in."""
    for service in view.plan.services:
        software = view.services.by_name.get(service.software or "")
        database = software is not None and software.database is not None
        for folder in service.folders:
            tier = tier_of(folder.source.text, view.tiers_of(service.host))
            if folder.kind != "state" or tier is None:
                continue
            if tier.medium == "network" and (database or service.software in _NEVER_REMOTE):
                yield _remote(service, folder, tier)
            elif database and tier.medium == "hdd" and (fast := _fast(view.plan, tier)):
                yield _slow(service, folder, tier, fast)


def _fast(plan: Plan, tier: Tier) -> Tier | None:
    """A better place on the same host; without one, nothing can be done."""
    return next((t for t in plan.tiers if t.host == tier.host and t.medium in _FAST), None)


def _remote(service: Service, folder: Folder, tier: Tier) -> Fault:
    return Fault(
        f"the database `{service.key}` keeps its files in the tier `{tier.name}`, on another"
        " machine",
        folder.at,
        "put them on a disk of its own host: over a network, what a database takes for written"
        " may be lost",
        (Related(f"`{tier.name}` is on the network", tier.at),),
        subject=f"{service.host} {service.key}",
        severity="error",
    )


def _slow(service: Service, folder: Folder, tier: Tier, fast: Tier) -> Fault:
    return Fault(
        f"the database `{service.key}` keeps its files in the tier `{tier.name}`, on a hard disk",
        folder.at,
        f"put them on the tier `{fast.name}`, which is an SSD: `{fast.name}:state/{service.key}`",
        (Related(f"`{tier.name}` is a hard disk", tier.at),),
        subject=f"{service.host} {service.key}",
    )


CHECK = Check("cold-tier-for-database", "warning", plan=check)
