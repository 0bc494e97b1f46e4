"""A plan to the files that its hosts run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.lab import Lab
from labkeeper.plan import Plan
from labkeeper.source import Finding
from labkeeper.targets import compose, firewall, left_out, quadlet
from labkeeper.targets.artifact import Artifact, Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring import (
    alertmanager,
    alloy,
    blackbox,
    grafana,
    loki,
    prometheus,
    tunnel,
)
from labkeeper.targets.nixos import target as nixos
from labkeeper.targets.sites import caddy
from labkeeper.values import dataclass

# What services read, one table entry a program; what it cannot say is a finding.
CONFIGURATIONS: Final[tuple[Callable[[Ground], Iterator[Configuration | Finding]], ...]] = (
    alertmanager.configurations,
    alloy.configurations,
    blackbox.configurations,
    caddy.configurations,
    grafana.configurations,
    loki.configurations,
    prometheus.configurations,
    tunnel.configurations,
)
# What hosts run, one table entry a target.
# What it cannot express is a finding, at its place in the lab.
TARGETS: Final[dict[str, Callable[[Ground], Iterator[Artifact | Finding]]]] = {
    "compose": compose.artifacts,
    "nixos": nixos.artifacts,
    "quadlet": quadlet.artifacts,
}
NOTHING: Final[Mapping[str, str]] = {}
# What hosts of several targets have in common.
HOSTS: Final[tuple[Callable[[Ground], Iterator[Artifact | Finding]], ...]] = (firewall.artifacts,)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The files, sorted by their paths, and what no file could be made of."""

    artifacts: tuple[Artifact, ...]
    findings: tuple[Finding, ...]


def compile_plan(
    lab: Lab, plan: Plan, catalog: Catalog, texts: Mapping[str, str] = NOTHING
) -> Compiled:
    """Everything that the hosts of a lab run; `texts` are the lab as its owner wrote it."""
    ground = Ground(lab, plan, catalog, texts=texts)
    made = tuple(file for make in CONFIGURATIONS for file in make(ground))
    files = tuple(each for each in made if isinstance(each, Configuration))
    ground = replace(ground, configurations=files)
    wanted = dict.fromkeys(host.target for host in plan.hosts)
    makers = [*(TARGETS[name] for name in wanted if name in TARGETS), *HOSTS]
    out = [each for make in makers for each in make(ground)]
    artifacts = [each for each in out if isinstance(each, Artifact)]
    said = (*made, *out, *left_out.findings(ground))
    findings = tuple(each for each in said if isinstance(each, Finding))
    return Compiled(tuple(sorted(artifacts, key=lambda each: each.path)), findings)
