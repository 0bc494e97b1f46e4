"""Volumes that Podman keeps under a name."""

from collections.abc import Iterable

from labkeeper.plan import Container
from labkeeper.targets.quadlet.keys import Version
from labkeeper.targets.quadlet.writing import Section, unit_file


def volumes_of(containers: Iterable[Container]) -> tuple[str, ...]:
    """The names of the volumes that containers of a host mount, sorted."""
    names = {
        mount.source.text
        for container in containers
        for mount in container.mounts
        if mount.kind == "volume" and mount.source is not None
    }
    return tuple(sorted(names))


def volume_file(name: str, version: Version) -> str:
    """The unit that makes a volume where there is none yet."""
    unit = Section("Unit", (f"Description=Volume {name}, for containers",))
    return unit_file(version, (unit, Section("Volume", ("# Podman keeps it where it likes.",))))
