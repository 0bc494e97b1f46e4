"""VPN clients whose network other containers use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Provider:
    """Who is at the other end of a tunnel, by the gateway's name of it."""

    # Variables that have to be set with each protocol; without a list it does not offer that one.
    wireguard: tuple[str, ...] | None = None
    openvpn: tuple[str, ...] | None = None
    # What it tells the ends of its tunnels apart by; with none, there is but one.
    place: Literal["countries", "regions", "cities", "none"] = "countries"
    # Whether the gateway can ask it for a port.
    forwards: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """How a gateway is asked what its tunnel does."""

    port: int
    # Paths: whether the tunnel is up, under which address one is seen, which port is forwarded.
    status: str
    address: str
    forwarded: str
    # The file that says who may ask what, and the variable that speaks for all other paths.
    roles: str
    default_role: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """A VPN client whose network other containers use."""

    # Whether it blocks what does not go through the tunnel without being told to.
    kill_switch: bool
    # Variables that switch that off, with the values that do.
    kill_switch_off: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Variables that offer its tunnel as a proxy too, with the values that do.
    proxy: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    control: Control | None = None
    # The variable that names the networks at home which its clients may reach past the tunnel.
    networks: str | None = None
    # Variables that name the provider, the protocol, whether a port is asked for, and of whom where
    # that is another than the provider.
    provider: str | None = None
    protocol: str | None = None
    forwarding: str | None = None
    forwards_for: str | None = None
    providers: Mapping[str, Provider] = field(default_factory=dict)
