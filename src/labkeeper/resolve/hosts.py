"""The machines of a lab, and their graphics cards."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from labkeeper.lab import Lab
from labkeeper.lab import host as lab_host
from labkeeper.lab.features import GpuSharing
from labkeeper.lab.place import NOWHERE
from labkeeper.plan import Gpu, Host, HostEngine, Interface
from labkeeper.plan.container import Engine

# Targets whose builds hold units of systemd's for what is no container.
SYSTEMD: Final = frozenset({"nixos", "quadlet"})


def hosts(lab: Lab) -> Iterator[Host]:
    """Every host, with what is known of it."""
    for name, host in lab.hosts.items():
        yield Host(
            name=name.text,
            at=name.at,
            target=host.target,
            engine=engine(host),
            address=host.address.text if host.address else None,
            description=host.description,
            system=host.system,
            memory=host.memory.bytes if host.memory else None,
            cpus=host.cpus.number if host.cpus else None,
            versions=tuple(
                (item.name, str(version))
                for item in fields(host.versions)
                if item.name != "at" and (version := getattr(host.versions, item.name))
            ),
            interfaces=tuple(
                Interface(
                    label.text,
                    i.zone.text if i.zone else None,
                    i.address.text if i.address else None,
                )
                for label, i in host.interfaces.items()
            ),
            user=host.ssh.user,
            port=host.ssh.port.number,
            timezone=str(lab.timezone),
            features=host.features,
            zfs=host.zfs,
            trusted=tuple(name.text for name, zone in lab.network.zones.items() if zone.trusted),
            agent=agent(host),
        )


def agent(host: lab_host.Host) -> lab_host.Agent | None:
    """labkeeper's own services on a host; none where no unit of systemd would be made for it."""
    if host.target not in SYSTEMD or host.agent is False:
        return None
    return lab_host.Agent() if host.agent is True else host.agent


def gpus(lab: Lab) -> Iterator[Gpu]:
    """The graphics cards, and how services share them."""
    for name, host in lab.hosts.items():
        card, feature = host.gpu, host.features.gpu
        if card is None:
            continue
        sharing = GpuSharing().sharing if feature is True else None
        yield Gpu(
            card.model, name.text, card.vram.bytes, name.at if card.at == NOWHERE else card.at,
            card.vendor, str(card.driver) if card.driver else None,
            card.sessions.number if card.sessions else None,
            feature.sharing if isinstance(feature, GpuSharing) else sharing,
            feature.at if isinstance(feature, GpuSharing) else None,
        )  # fmt: skip


def engines(lab: Lab) -> Iterator[HostEngine]:
    """Which engine runs each host's containers."""
    for name, host in lab.hosts.items():
        if host.target != "none":
            yield HostEngine(engine(host), name.text, name.at)


def engine(host: lab_host.Host) -> Engine:
    """Docker where it is what a compose host has; Podman everywhere else."""
    return "docker" if host.target == "compose" and not host.versions.podman else "podman"
