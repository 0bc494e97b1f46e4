"""A container can command the container engine, and so the host."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Mount

_SOCKET: Final = re.compile(r"(?:^|/)(?:docker|podman|containerd|crio)\.sock$")
# Folders that hold the sockets of Docker and of Podman.
_FOLDERS: Final = frozenset({"/run", "/var/run", "/run/podman", "/var/run/podman", "/run/docker"})
_INSTEAD: Final = (
    "let it talk to a socket proxy (`tecnativa/docker-socket-proxy`) that passes on only what it "
    "asks for; `:ro` does not help, for it protects the file and not the engine"
)


def check(view: View) -> Iterator[Fault]:
    """Mounts of an engine's socket, or of the folder that holds it; one finding a container."""
    for container in view.plan.containers:
        service = view.reach.service(container)
        known = service.socket if service else None
        mount = next((m for m in container.mounts if _gives_socket(m)), None)
        if mount is None or (known and known.needed):
            continue
        source = mount.source.text if mount.source else ""
        what = "" if _SOCKET.search(source) else " holds the container engine's socket, which"
        yield Fault(
            f"`{source}`{what} lets `{container.key}` start any container, and so be root on the "
            "host",
            mount.at,
            known.instead if known and known.instead else _INSTEAD,
            subject=container.key,
        )


def _gives_socket(mount: Mount) -> bool:
    if mount.kind != "bind" or mount.source is None:
        return False
    source = mount.source.text.rstrip("/")
    return bool(_SOCKET.search(source)) or source in _FOLDERS


CHECK = Check("container-socket-mounted", "warning", plan=check)
