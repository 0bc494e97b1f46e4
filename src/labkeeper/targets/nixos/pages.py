"""Modules that listen on the loopback alone, or do not evaluate without a name of their own.

nixos/modules/services: misc/ntfy-sh.nix (`base-url` has no default), misc/paperless.nix,
networking/syncthing.nix, monitoring/uptime-kuma.nix, security/vaultwarden/default.nix.
"""

from collections.abc import Callable, Mapping
from typing import Final

from labkeeper.plan import Service
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Nix


def page(service: Service, machine: Machine, address: str) -> Attributes:
    """What a module is told, with the address that it is to listen on."""
    return _MADE[service.module or ""](address, _site(service, machine), _itself(service, machine))


def _site(service: Service, machine: Machine) -> str | None:
    """The name under which the lab's proxy serves it."""
    sites = machine.ground.plan.sites
    own = (machine.host.name, service.key)
    return next((f"https://{s.domain}" for s in sites if (s.host, s.service) == own), None)


def _itself(service: Service, machine: Machine) -> str:
    """Where it is found without a proxy."""
    ports = [number for number, protocol in service.listens if protocol == "tcp"]
    suffix = f":{ports[0]}" if ports else ""
    return f"http://{machine.host.address or machine.host.name}{suffix}"


def _ntfy(address: str, site: str | None, itself: str) -> Attributes:
    found: dict[str, Nix] = {"base-url": site or itself, "listen-http": f"{address}:2586"}
    if site:
        found["behind-proxy"] = True
    return {"enable": True, "settings": found}


def _paperless(address: str, site: str | None, _itself: str) -> Attributes:
    found: dict[str, Nix] = {"enable": True, "address": address}
    if site:
        found["settings"] = {"PAPERLESS_URL": site}
    return found


def _vaultwarden(address: str, site: str | None, itself: str) -> Attributes:
    config: dict[str, Nix] = {"ROCKET_ADDRESS": address, "ROCKET_PORT": 8222}
    return {"enable": True, "config": {**config, "DOMAIN": site or itself}}


def _syncthing(address: str, _site: str | None, _itself: str) -> Attributes:
    return {"enable": True, "guiAddress": f"{address}:8384"}


def _uptime_kuma(address: str, _site: str | None, _itself: str) -> Attributes:
    return {"enable": True, "settings": {"HOST": address}}


_MADE: Final[Mapping[str, Callable[[str, str | None, str], Attributes]]] = {
    "services.ntfy-sh": _ntfy,
    "services.paperless": _paperless,
    "services.vaultwarden": _vaultwarden,
    "services.syncthing": _syncthing,
    "services.uptime-kuma": _uptime_kuma,
}
PAGES: Final = tuple(_MADE)
