"""Each service as the plan has it, with the container or unit that it becomes."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final, Literal

from labkeeper.lab import Lab
from labkeeper.plan import Container, Folder, GpuUse, HealthProbe, SecretUse, Service, Unit
from labkeeper.resolve import containers, notifying
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.listening import Inner, Key
from labkeeper.resolve.peers import STANDS_IN, Peers, needed_here
from labkeeper.resolve.scraping import PROMETHEUS
from labkeeper.resolve.wiring import Wiring
from labkeeper.resolve.words import Meaning, said_of
from labkeeper.values import dataclass

_WORDS: Final = (
    "timezone", "name", "host", "domain", "user", "group", "umask", "admin-password",
    "vpn.provider", "vpn.protocol", "vpn.key", "vpn.countries", "vpn.regions", "vpn.cities",
    "vpn.port-forwarding", "retention.time", "retention.size",
)  # fmt: skip

_SSH: Final = 22


@dataclass(frozen=True, slots=True)
class Made:
    """A service, and what runs it."""

    service: Service
    container: Container | None
    unit: Unit | None
    secrets: tuple[SecretUse, ...]


@dataclass(frozen=True)
class Ground:
    """What all services of a lab stand on."""

    lab: Lab
    peers: Peers
    ports: Mapping[Key, tuple[Inner, ...]]
    wiring: Wiring
    kept: Mapping[Key, tuple[Folder, ...]]
    # The names under which a proxy serves them.
    domains: Mapping[Key, str]

    @cached_property
    def is_watched(self) -> bool:
        """Whether the lab has a Prometheus."""
        return any(each.kind == PROMETHEUS for each in self.peers.every)

    @cached_property
    def hosts(self) -> Mapping[str, Mapping[str, Instance]]:
        """What each host has, by its name."""
        found: dict[str, dict[str, Instance]] = {}
        for each in self.peers.every:
            found.setdefault(each.host, {})[each.name] = each
        return found


def made(ground: Ground) -> Iterator[Made]:
    """All that labkeeper runs, in the order of the lab."""
    for each in ground.peers.every:
        if each.runs:
            yield _made(each, ground)


def _made(each: Instance, ground: Ground) -> Made:
    own, ports = ground.kept[each.key], ground.ports.get(each.key, ())
    meanings = _meanings(each, ground)
    variables, secrets = containers.environment(each, ports, meanings, watched=ground.is_watched)
    told = tuple(notifying.secrets((each,), ground.lab))
    secrets = (*secrets, *told)
    service = _service(each, own, ports, needed_here(each, ground.peers))
    if each.native:
        return Made(service, None, containers.unit(each), secrets)
    run = containers.container(each, ground.hosts[each.host], own, variables, ground.wiring)
    run = replace(
        run,
        command=containers.arguments(each, meanings),
        secrets=(*run.secrets, *(use.name for use in told)),
    )
    return Made(service, run, None, secrets)


def _meanings(each: Instance, ground: Ground) -> Mapping[str, Meaning]:
    found: dict[str, Meaning] = {word: said_of(each, ground.lab, word) for word in _WORDS}
    # What is served under its own name knows that name as well as one that is written.
    found["domain"] = found["domain"] or ground.domains.get(each.key)
    found["scheme"] = "https" if found["domain"] else None
    wiring = ground.wiring
    for shown in wiring.shown_of(each):
        found.setdefault(f"shown.{shown.inner}", str(shown.host_port))
    for link in wiring.of(each):
        kind = wiring.kinds.get((link.server_host, link.server), link.server)
        for name in (kind, STANDS_IN.get(kind, kind)):
            found.setdefault(f"address.{name}", link.address)
            found.setdefault(f"port.{name}", str(link.port))
            if link.address == "localhost":
                found.setdefault(f"local.{name}", str(link.port))
    return found


def _service(
    each: Instance, own: tuple[Folder, ...], ports: tuple[Inner, ...], needed: tuple[str, ...]
) -> Service:
    declared, profile = each.declared, each.profile
    cpus, umask = declared.cpus or profile.cpus, declared.umask or profile.umask
    shared = each.run.shared_memory_mib
    after = [name.text for name in declared.after]
    gateway = [each.through] if each.through else []
    module = each.software.nixos if each.native and each.software else None
    return Service(
        key=each.name,
        host=each.host,
        at=each.at,
        software=each.software.name if each.software else None,
        form="native" if each.native else "container",
        unit=containers.unit_name(each),
        folders=own,
        requires_mounts=_mounts(each, own),
        after=tuple(dict.fromkeys((*after, *gateway, *needed))),
        health=_health(each, ports),
        gpu=_gpu(each),
        through=each.through,
        memory=each.memory,
        cpus=cpus.thousandths / 1000 if cpus else None,
        umask=umask.bits if umask else None,
        owner=containers.owner(each),
        shared_memory=shared * 1024 * 1024 if shared else None,
        listens=_own_ports(each, ports),
        description=declared.description,
        module=module.module if module else None,
        module_user=module.user if module else None,
    )


def _own_ports(
    each: Instance, ports: tuple[Inner, ...]
) -> tuple[tuple[int, Literal["tcp", "udp"]], ...]:
    """Where a module has it listen; what the lab says of it in Nix may have moved that."""
    if not each.native or each.declared.extra.nixos:
        return ()
    # Who is spoken to over SSH leaves that to the host's own sshd (nixos/modules/services/misc/
    # forgejo.nix, gitea.nix: no server of their own).
    ssh = each.machine.ssh.port.number
    return tuple((port.number, port.protocol) for port in ports if port.number not in {_SSH, ssh})


def _mounts(each: Instance, own: tuple[Folder, ...]) -> tuple[str, ...]:
    """The tiers that it lives on; a folder that labkeeper counts is no mount."""
    wanted = {folder.tier for folder in own if folder.tier}
    return tuple(
        posixpath.normpath(tier.path.text)
        for name, tier in each.machine.tiers.items()
        if name.text in wanted and not tier.size
    )


def _health(each: Instance, ports: tuple[Inner, ...]) -> HealthProbe | None:
    stated, known = each.declared.health, each.run.health
    first = next((port.number for port in ports if port.protocol == "tcp"), None)
    if stated:
        port = stated.port.number if stated.port else first
        return HealthProbe(stated.http, stated.command, port, stated.every.seconds,
                           stated.start_within.seconds, stated.at)  # fmt: skip
    if known is None:
        return None
    port = known.port or known.tcp or first
    if port and not each.listens_at(port):
        return None
    return HealthProbe(known.http, known.command, port, 30.0,
                       float(known.start_seconds), each.at, known.client)  # fmt: skip


def _gpu(each: Instance) -> GpuUse | None:
    if not containers.uses_gpu(each):
        return None
    said, known = each.declared.gpu, each.run.gpu
    share = None if said is None or isinstance(said, bool) else said
    usual = known.vram_mib * 1024 * 1024 if known and known.vram_mib else None
    return GpuUse(
        vram=share.vram.bytes if share and share.vram else usual,
        sessions=share.sessions.number if share and share.sessions else None,
        encodes=bool(known and known.encodes),
        stated=said is not None,
        at=share.at if share else each.at,
    )
