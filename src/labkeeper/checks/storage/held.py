"""Folders of the host that containers have, and where they have them."""

import posixpath
from collections.abc import Iterator

from labkeeper.plan import Container, Mount
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """A folder of the host in a container."""

    container: Container
    # On the host; a relative one is taken from where the container is declared.
    path: str
    target: str
    mount: Mount

    def inside(self, path: str) -> str:
        """What a path of the host, which is in the folder, is called in the container."""
        rest = path[len(self.path.rstrip("/")) :]
        return posixpath.normpath(self.target + rest)


def held(container: Container) -> Iterator[Held]:
    """Those of one container whose paths are known."""
    for mount in container.mounts:
        source = mount.source
        if mount.kind != "bind" or source is None or not source.is_literal:
            continue
        if not mount.target.is_literal or source.text.startswith("~"):
            continue
        folder = posixpath.dirname(container.at.file)
        path = posixpath.normpath(posixpath.join(folder, source.text))
        yield Held(container, path, posixpath.normpath(mount.target.text), mount)


def covers(folder: str, path: str) -> bool:
    """Whether a path is the folder or in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
