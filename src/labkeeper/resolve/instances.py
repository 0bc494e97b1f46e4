"""Which services run on which hosts: those that the lab names, and those that features bring."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.catalog import Service as Software
from labkeeper.catalog.running import Run
from labkeeper.lab import Lab, hosts_of
from labkeeper.lab.backup import NoBackup
from labkeeper.lab.containers import ContainerProfile
from labkeeper.lab.features import Hardening, Watched
from labkeeper.lab.host import Host
from labkeeper.lab.name import HostName
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.service import Service
from labkeeper.plan import Missing
from labkeeper.resolve.hosts import agent
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

# The exporters of `monitoring: exporters`, by what the lab calls them.
EXPORTERS: Final = {
    "node": "node-exporter",
    "systemd": "systemd-exporter",
    "nixos": "nixos-exporter",
    "cadvisor": "cadvisor",
    "podman": "podman-exporter",
    "nvidia": "nvidia-gpu-exporter",
    "smartctl": "smartctl-exporter",
    "zfs": "zfs-exporter",
}
# What watches a host, or is part of its network, does so best from outside of containers.
OF_THE_HOST: Final = frozenset({*EXPORTERS.values(), "alloy", "crowdsec", "tailscale"})
# labkeeper's own services on a host, by their name in the catalog.
AGENT: Final = "labkeeper"
_ITSELF: Final = Service(backup=NoBackup("what it knows of files it learns from them again"))
NOTHING: Final = Run(image="", tag="")


@dataclass(frozen=True)
class Instance:
    """One service on one host, with all that is said of it."""

    name: str
    host: str
    # Where the lab brings it in: its name, or the feature.
    at: Span
    declared: Service
    software: Software | None
    machine: Host
    profile: ContainerProfile
    native: bool
    # The service whose network it uses, and where that is said.
    through: str | None = None
    through_at: Span = NOWHERE
    # Whether that is the host's own network after all.
    on_host: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What no other instance shares."""
        return self.host, self.name

    @property
    def kind(self) -> str:
        """Its name in the catalog, or its own."""
        return self.software.name if self.software else self.name

    @cached_property
    def run(self) -> Run:
        """What the catalog says that its container is made of, in the version that it runs."""
        run = self.software.run if self.software and self.software.run else NOTHING
        own = self.declared.image
        tag = own.tag if own else None
        return run.of(tag or (str(self.declared.version) if self.declared.version else None))

    @property
    def runs(self) -> bool:
        """Whether labkeeper runs it, rather than only knowing that it is there."""
        return self.machine.target != "none"

    @cached_property
    def in_host_network(self) -> bool:
        """Whether it listens on the host's own addresses."""
        outside = self.native or not self.runs or self.run.host_network
        return self.on_host or (not self.through and outside)

    def listens_at(self, number: int) -> bool:
        """Whether a port is there without a variable that only its image knows."""
        ports = self.software.ports if self.software else ()
        return not self.native or all(port.default or port.number != number for port in ports)

    @property
    def memory(self) -> int | None:
        """The most memory that it may take, in bytes."""
        found = self.declared.memory or self.profile.memory
        return found.bytes if found else None

    def said(self, text: str, at: Span = NOWHERE) -> Slice:
        """A text of the plan that stands for what is said at a place of the lab."""
        return Slice.placed(text, self.at if at == NOWHERE else at)


def instances(lab: Lab, catalog: Catalog) -> tuple[tuple[Instance, ...], tuple[Missing, ...]]:
    """All of them, in the order of the lab, and what could not be had."""
    found = list(_once_native(_declared(lab, catalog)))
    there = {(each.host, each.kind) for each in found}
    missing: list[Missing] = []
    for name, host in lab.hosts.items():
        for wanted, at in _of_features(host):
            place = at if at != NOWHERE else name.at
            if (name.text, wanted) in there:
                continue
            software = catalog.services.by_name.get(wanted)
            if software is None or (software.run is None and software.nixos is None):
                missing.append(Missing("catalog-service", wanted, place))
                continue
            there.add((name.text, wanted))
            native = _is_native(Service(), software, host)
            found.append(
                Instance(wanted, name.text, place, Service(), software, host,
                         ContainerProfile(), native)
            )  # fmt: skip
        if (name.text, AGENT) not in {each.key for each in found}:
            found.extend(_agents(name, host, catalog))
    missing.extend(_not_native(found))
    missing.extend(
        Missing("image", each.name, each.at)
        for each in found
        if each.runs and not each.native and not each.run.image and not each.declared.image
    )
    return tuple(found), tuple(missing)


def _agents(name: HostName, host: Host, catalog: Catalog) -> Iterator[Instance]:
    """labkeeper itself, where the host wants it: a unit whatever the target, on its own port."""
    on, software = agent(host), catalog.services.by_name.get(AGENT)
    if on is None or software is None or software.metrics is None:
        return
    ports = tuple(
        replace(port, number=on.port.number) if port.number == software.metrics.port else port
        for port in software.ports
    )
    metrics = replace(software.metrics, port=on.port.number)
    software = replace(software, ports=ports, metrics=metrics)
    at = name.at if on.at == NOWHERE else on.at
    yield Instance(AGENT, name.text, at, _ITSELF, software, host, ContainerProfile(), native=True)


def _declared(lab: Lab, catalog: Catalog) -> Iterator[Instance]:
    for name, service in lab.services.items():
        kind = (service.is_ or name).text
        software = catalog.services.by_name.get(kind)
        for host in _distinct(hosts_of(service, lab)):
            machine = lab.hosts[host]
            profile = _profile(service, machine)
            gateway = service.through or profile.through
            yield Instance(
                name.text, host.text, name.at, service, software, machine, profile,
                _is_native(service, software, machine),
                gateway.text if gateway else None, gateway.at if gateway else NOWHERE,
            )  # fmt: skip


def _once_native(every: Iterable[Instance]) -> Iterator[Instance]:
    """A host has each NixOS module once: a second instance of its service is a container."""
    seen: set[tuple[str, str]] = set()
    for each in every:
        again = each.native and (each.host, each.kind) in seen
        if each.native:
            seen.add((each.host, each.kind))
        yield replace(each, native=False) if again else each


def _distinct(hosts: tuple[HostName, ...]) -> Iterator[HostName]:
    seen: set[HostName] = set()
    for host in hosts:
        if host not in seen:
            seen.add(host)
            yield host


def _is_native(service: Service, software: Software | None, machine: Host) -> bool:
    if machine.target != "nixos" or software is None or software.nixos is None:
        return False
    if service.run is None and service.image is None:
        return software.run is None or software.name in OF_THE_HOST
    return service.run == "native"


def _not_native(found: list[Instance]) -> Iterator[Missing]:
    for each in found:
        if each.declared.run == "native" and not each.native and each.runs:
            able = each.software is not None and each.software.nixos is not None
            why = "twice" if able else "module"
            why = why if each.machine.target == "nixos" else "nixos"
            yield Missing(f"native-{why}", each.name, each.at)


def _profile(service: Service, machine: Host) -> ContainerProfile:
    features = machine.features
    match service.profile:
        case "media-container":
            found = features.media_container
        case "download-container":
            found = features.download_container
        case _:
            found = False
    return found if isinstance(found, ContainerProfile) else ContainerProfile()


def _of_features(host: Host) -> Iterator[tuple[str, Span]]:
    """Services that a host's features bring, and where."""
    on = host.features
    if on.monitoring:
        watched = on.monitoring if isinstance(on.monitoring, Watched) else Watched()
        yield from ((EXPORTERS[each], watched.at) for each in watched.exporters)
    if on.logs:
        yield "alloy", NOWHERE if on.logs is True else on.logs.at
    if on.tailnet:
        yield "tailscale", NOWHERE if on.tailnet is True else on.tailnet.at
    if isinstance(on.hardening, Hardening) and on.hardening.intrusion_detection:
        yield "crowdsec", on.hardening.at
