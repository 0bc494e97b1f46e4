"""Whom the folders of a service belong to."""

from labkeeper.plan import Container, Service
from labkeeper.targets.nixos.machine import Machine

# What images are told whom to run as by: https://docs.linuxserver.io/general/understanding-puid-and-pgid
_VARIABLES = (("PUID", "PGID"), ("USER_UID", "USER_GID"), ("USERMAP_UID", "USERMAP_GID"))


def owner(container: Container) -> tuple[str, str] | None:
    """User and group by their numbers; none where nobody said."""
    if container.user:
        user, _, group = container.user.text.partition(":")
        return (user, group or user) if user.isdecimal() else None
    values = {v.name: v.value.text for v in container.environment if v.value}
    for user, group in _VARIABLES:
        if values.get(user, "").isdecimal():
            return values[user], values.get(group, values[user])
    return None


def chowned(service: Service, container: Container, machine: Machine) -> bool:
    """Whether Podman has to give its folders to the user that its image has of its own."""
    software = machine.ground.catalog.services.by_name.get(service.software or "")
    if software is None or software.run is None or container.user:
        return False
    return software.run.runs_as == "user"
