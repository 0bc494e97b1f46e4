"""A container can command the container engine, and so the host."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, Mount
from labkeeper.source import Related
from labkeeper.values import regex

_SOCKET: Final = regex(r"(?:^|/)(?:docker|podman|containerd|crio)\.sock$")
# Proxies of the socket, runners of build jobs, and what people run in place of `docker compose up`.
_MANAGES: Final = regex(
    r"(?:docker|socket)-?(?:socket-?)?proxy|\brunners?\b|woodpecker-agent|drone-runner|drone-agent"
    r"|portainer|dockge|dockhand|komodo|periphery|nextcloud(?:-releases)?[/-](?:aio|all-in-one)"
    r"|watchtower|autoheal|ouroboros|docker-gc|coolify|dokploy",
    re.IGNORECASE,
)
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
        # What stands where the container does came with it from the catalog: nobody wrote it.
        mounts = [m for m in container.mounts if gives_socket(m) and m.at != container.at]
        if not mounts or (known and known.needed) or _is_its_work(container):
            continue
        # The socket itself says more than the folder around it.
        mount, *others = sorted(mounts, key=lambda m: not _is_socket(m))
        source = mount.source.text if mount.source else ""
        what = "" if _is_socket(mount) else " holds the container engine's socket, which"
        yield Fault(
            f"`{source}`{what} lets `{container.key}` start any container, and so be "
            f"{_whoever(source)}",
            mount.at,
            known.instead if known and known.instead else _INSTEAD,
            tuple(Related("this gives it the socket too", other.at) for other in others),
            subject=container.key,
        )


def _whoever(source: str) -> str:
    """Whose engine it is: in a user's units, `%t` is a folder of that user (systemd.unit(5))."""
    if source.startswith("/run/user/") or "XDG_RUNTIME_DIR" in source:
        return "the user who runs them, with all of their files"
    if source.startswith("%t"):
        return "root on the host, or the user whose units these are"
    return "root on the host"


def _is_its_work(container: Container) -> bool:
    """Whether it is there to start containers, or to keep others from the socket."""
    image = container.image.text if container.image else ""
    return bool(_MANAGES.search(f"{image}\n{container.key}"))


def gives_socket(mount: Mount) -> bool:
    """Whether who has this mount has the engine's socket."""
    if mount.kind != "bind" or mount.source is None:
        return False
    return _is_socket(mount) or mount.source.text.rstrip("/") in _FOLDERS


def _is_socket(mount: Mount) -> bool:
    return mount.source is not None and bool(_SOCKET.search(mount.source.text))


CHECK = Check("container-socket-mounted", "warning", plan=check)
