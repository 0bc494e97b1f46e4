"""A service with all that its unit is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from labkeeper.plan import Container, SecretUse, Service
from labkeeper.targets.artifact import Configuration


@dataclass(frozen=True, slots=True)
class Subject:
    """A service with all that its unit is made of."""

    service: Service
    container: Container
    secrets: tuple[SecretUse, ...]
    files: tuple[Configuration, ...]
    digest: str | None
    title: str
    # Whether others use its network: it is then started anew when it no longer works.
    is_gateway: bool
    # Comments above its mounts, by the paths in the container, that an audit goes by.
    allowances: Mapping[str, str]
    # The containers of its host.
    here: frozenset[str]
    # The seconds that it is given to end.
    stop_within: float
    # Whether it is asked, once it has started, if it sees the graphics card.
    sees_card: bool
