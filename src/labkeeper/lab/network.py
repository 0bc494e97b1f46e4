"""Networks, names and firewalls."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from labkeeper.lab.address import Address, Cidr, DomainName, Opening
from labkeeper.lab.name import NetworkName, ServiceName, ZoneName
from labkeeper.lab.place import NOWHERE
from labkeeper.source import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Zone:
    """Whom a host hears from: all interfaces of one zone are treated alike."""

    open: tuple[Opening, ...] = ()
    """Ports that may be reached from it, beside those of services that are open to it."""
    trusted: bool = False
    """Whether every port may be reached from it."""
    networks: tuple[Cidr, ...] = ()
    """Only these networks belong to it; without any, whatever comes in by its interfaces."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class ContainerNetwork:
    """A network that containers of a host share."""

    subnet: Cidr | None = None
    """Its addresses; chosen where none are given."""
    internal: bool = False
    """Whether it has no way out."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Network:
    """Networks, names and firewalls."""

    domain: DomainName | None = None
    """The domain that the services' own names are under."""
    lan: Cidr | None = None
    """The network at home."""
    dns: tuple[Address, ...] = ()
    """Whom hosts ask for names."""
    proxy: ServiceName | None = None
    """The reverse proxy that serves every service with a `domain`."""
    certificates: Literal["public", "internal"] | None = None
    """Who signs the sites' certificates: a public authority, which has to reach the proxy from the
    Internet, or the proxy's own, which your devices have to trust; left open, the domain tells."""
    zones: Mapping[ZoneName, Zone] = field(default_factory=dict)
    """Firewall zones, by the names that interfaces use."""
    containers: Mapping[NetworkName, ContainerNetwork] = field(default_factory=dict)
    """Container networks, by name."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
