"""Network namespaces, and the ports of the host that lead into them."""

from typing import Literal

from labkeeper.plan import Container, PublishedPort
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Space:
    """A network namespace."""

    kind: Literal["host", "container", "pod", "none", "unknown"]
    # The host's name, or the owner's.
    owner: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """A port of the host that leads into a container, unless the engine drops it.

    It is `dropped` where the container has no network of its own to lead it to.
    """

    container: Container
    port: PublishedPort
    space: Space

    @property
    def dropped(self) -> bool:
        """Whether the engine ignores or refuses it."""
        return self.space.kind not in {"container", "pod", "unknown"} or self.borrowed

    @property
    def borrowed(self) -> bool:
        """Whether the container uses another container's network."""
        namespace = self.container.namespace
        return namespace is not None and namespace.kind == "container"

    def inside(self, port: int) -> int | None:
        """The container's port that a port of the host leads to."""
        host, inner = self.port.host, self.port.container
        if host is None or port not in host or host.last - host.first != inner.last - inner.first:
            return None
        return inner.first + port - host.first
