"""What the catalog gives a container although an audit would ask about it, and why."""

from labkeeper.checks.containers.container_socket_mounted import gives_socket
from labkeeper.plan import Container, Mount
from labkeeper.targets.ground import Ground


def allowance(mount: Mount, container: Container, ground: Ground) -> str | None:
    """The comment that allows a mount of the engine's socket which the catalog makes."""
    service = ground.services_by_key.get((container.host, container.key))
    software = ground.catalog.services.by_name.get(service.software or "") if service else None
    needed = software and software.socket and software.socket.needed
    if needed or mount.at != container.at or not gives_socket(mount):
        return None
    return (
        "labkeeper: allow container-socket-mounted -- it asks the engine for the containers' names"
    )
