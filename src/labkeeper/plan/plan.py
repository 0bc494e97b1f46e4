"""The Plan: everything that is to run, explicit, each item with its origin."""

from collections.abc import Iterable
from dataclasses import field, fields
from typing import Any, Final, Literal, get_args

from labkeeper.plan.alertmanager import Alertmanager
from labkeeper.plan.container import Container, Network, OptionSet, Project, Volume
from labkeeper.plan.disks import SmartdEntry
from labkeeper.plan.grafana import Dashboard, DashboardProvider, Datasource
from labkeeper.plan.host import (
    Credential,
    Gpu,
    Host,
    HostEngine,
    LogPipeline,
    Loki,
    Mention,
    Missing,
    ProducedMetric,
)
from labkeeper.plan.machine import Account, AccountGroup, FileSystem, Firewall, Tmpfile
from labkeeper.plan.prometheus import ProbeModule, Prometheus, Promise, Rule, RuleFile, ScrapeJob
from labkeeper.plan.proxy import Proxied
from labkeeper.plan.service import Link, Opening, Probe, SecretUse, Service, Site
from labkeeper.plan.storage import BackupSet, Cleanup, Clips, Move, Repository, Tier
from labkeeper.plan.systemd import Script, Unit
from labkeeper.source import Slice
from labkeeper.values import dataclass

# What a plan can know all of. Checks of absence need the facet; without it they say nothing.
Facet = Literal[
    "services", "scrapes", "rules", "alertmanager", "dashboards", "datasources", "units",
    "hosts", "mounts", "firewall", "backups",
]  # fmt: skip

FACETS: Final[frozenset[Facet]] = frozenset(get_args(Facet))


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs where. A reader makes one of each file; `merged` puts them together."""

    projects: tuple[Project, ...] = ()
    containers: tuple[Container, ...] = ()
    option_sets: tuple[OptionSet, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    units: tuple[Unit, ...] = ()
    # Where Nix names units other than by declaring them: whether that starts them, nobody can tell.
    named_units: tuple[Slice, ...] = ()
    # Scripts that no unit runs: files, guides' commands.
    scripts: tuple[Script, ...] = ()
    prometheuses: tuple[Prometheus, ...] = ()
    scrapes: tuple[ScrapeJob, ...] = ()
    rules: tuple[Rule, ...] = ()
    rule_files: tuple[RuleFile, ...] = ()
    probe_modules: tuple[ProbeModule, ...] = ()
    alertmanagers: tuple[Alertmanager, ...] = ()
    datasources: tuple[Datasource, ...] = ()
    providers: tuple[DashboardProvider, ...] = ()
    dashboards: tuple[Dashboard, ...] = ()
    gpus: tuple[Gpu, ...] = ()
    engines: tuple[HostEngine, ...] = ()
    credentials: tuple[Credential, ...] = ()
    mentions: tuple[Mention, ...] = ()
    produced: tuple[ProducedMetric, ...] = ()
    log_pipelines: tuple[LogPipeline, ...] = ()
    lokis: tuple[Loki, ...] = ()
    smartd: tuple[SmartdEntry, ...] = ()
    proxied: tuple[Proxied, ...] = ()
    # What a host's own configuration mounts, lets in and knows of users.
    file_systems: tuple[FileSystem, ...] = ()
    firewalls: tuple[Firewall, ...] = ()
    accounts: tuple[Account, ...] = ()
    account_groups: tuple[AccountGroup, ...] = ()
    tmpfiles: tuple[Tmpfile, ...] = ()
    # Texts of template files, whole.
    templates: tuple[Slice, ...] = ()
    missing: tuple[Missing, ...] = ()
    promises: tuple[Promise, ...] = ()
    # What only a lab declares.
    hosts: tuple[Host, ...] = ()
    services: tuple[Service, ...] = ()
    links: tuple[Link, ...] = ()
    sites: tuple[Site, ...] = ()
    openings: tuple[Opening, ...] = ()
    secret_uses: tuple[SecretUse, ...] = ()
    probes: tuple[Probe, ...] = ()
    tiers: tuple[Tier, ...] = ()
    moves: tuple[Move, ...] = ()
    cleanups: tuple[Cleanup, ...] = ()
    clips: tuple[Clips, ...] = ()
    repositories: tuple[Repository, ...] = ()
    backup_sets: tuple[BackupSet, ...] = ()
    facets: frozenset[Facet] = field(default_factory=frozenset)
    # Facets of which a part was seen that could not be read: whatever else knows all, does not.
    open: frozenset[Facet] = field(default_factory=frozenset)

    def knows(self, *facets: Facet) -> bool:
        """Whether nothing of these kinds can be missing from it."""
        return self.facets.issuperset(facets)


def merged(parts: Iterable[Plan]) -> Plan:
    """One plan of all parts, in their order."""
    parts = tuple(parts)
    found: dict[str, Any] = {
        item.name: tuple(value for part in parts for value in getattr(part, item.name))
        for item in fields(Plan)
        if item.name not in {"facets", "open"}
    }
    facets: frozenset[Facet] = frozenset().union(*(part.facets for part in parts))
    unknown: frozenset[Facet] = frozenset().union(*(part.open for part in parts))
    return Plan(**found, facets=facets - unknown, open=unknown)
