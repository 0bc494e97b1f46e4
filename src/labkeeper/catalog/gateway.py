"""VPN clients whose network other containers use."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """Who is at the other end of a tunnel, by the gateway's name of it."""

    # Variables that have to be set for WireGuard; without a list it does not offer it.
    wireguard: tuple[str, ...] | None = None
    # Likewise for OpenVPN.
    openvpn: tuple[str, ...] | None = None
    # What it tells the ends of its tunnels apart by; with none, there is but one.
    place: Literal["countries", "regions", "cities", "none"] = "countries"
    # Whether the gateway can ask it for a port.
    forwards: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """How a gateway is asked what its tunnel does."""

    # The port that is asked.
    port: int
    # The path that tells whether the tunnel is up.
    status: str
    # The path that tells under which address one is seen.
    address: str
    # The path that tells which port is forwarded.
    forwarded: str
    # The file that says who may ask what.
    roles: str
    # The variable that speaks for all other paths.
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
    # Variables that keep the engine's name servers, which are asked past the tunnel.
    dns_kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # The variable that lists the ports that are let in from the tunnel.
    ports_in: str | None = None
    # How it is asked what its tunnel does.
    control: Control | None = None
    # The variable that names the networks at home which its clients may reach past the tunnel.
    networks: str | None = None
    # The variable that names the provider.
    provider: str | None = None
    # The variable that names the protocol.
    protocol: str | None = None
    # The variable that says whether a port is asked for.
    forwarding: str | None = None
    # The variable that says of whom a port is asked, where that is another than the provider.
    forwards_for: str | None = None
    # Who can be at the other end, by the gateway's name of it.
    providers: Mapping[str, Provider] = field(default_factory=dict)
