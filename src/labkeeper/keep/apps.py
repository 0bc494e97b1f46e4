"""The apps of a host that can be asked, where each answers, and how it calls the folders."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from labkeeper.plan import Container, Plan, Service
from labkeeper.storage.paths import Maps, PathMap

# What can be asked, and the port that it answers on by itself (the catalog's own).
PORTS: Final = {
    "qbittorrent": 8080, "sabnzbd": 8080, "sonarr": 8989, "radarr": 7878, "lidarr": 8686,
    "jellyfin": 8096,
}  # fmt: skip
# What records pictures; it is asked for them, and for nothing else.
RECORDERS: Final = {"frigate": 5000}
BROKERS: Final = {"mosquitto": 1883}
_EVERYWHERE: Final = (None, "", "0.0.0.0", "::")  # noqa: S104  what is looked for


@dataclass(frozen=True, slots=True)
class App:
    """One of them; without an address, `why` and `help` say why it has none."""

    name: str
    software: str
    maps: Maps
    # Its folders of media, on the host: what it can have to do with.
    folders: tuple[str, ...]
    # Where its settings are, on the host.
    settings: str | None
    url: str | None
    why: str = ""
    help: str = ""


def apps_on(plan: Plan, host: str) -> tuple[App, ...]:
    """All of a host."""
    return tuple(_apps(plan, host))


def app_of(plan: Plan, host: str, name: str) -> App | None:
    """The one that the lab calls so."""
    return next((each for each in apps_on(plan, host) if each.name == name), None)


def recorder_of(plan: Plan, host: str, name: str) -> App | None:
    """What records, under the name that the lab calls it; none where it is of another kind."""
    return next((each for each in recorders_on(plan, host) if each.name == name), None)


def recorders_on(plan: Plan, host: str) -> tuple[App, ...]:
    """All that record on a host."""
    return tuple(
        _app(plan, service, service.software)
        for service in plan.services
        if service.host == host and service.software in RECORDERS
    )


def broker_of(plan: Plan, host: str, name: str) -> tuple[str, int] | None:
    """Where a host reaches the broker that the lab calls so."""
    service = next((s for s in plan.services if s.software in BROKERS and s.key == name), None)
    if service is None or service.software is None:
        return None
    port = BROKERS[service.software]
    url = f"//127.0.0.1:{port}" if service.form == "native" else _shown(plan, service, port)
    parts = urlsplit(url or "")
    address = parts.hostname
    if address is not None and service.host != host:
        address = next((each.address for each in plan.hosts if each.name == service.host), None)
    return (address, parts.port or port) if address else None


def _apps(plan: Plan, host: str) -> Iterator[App]:
    for service in plan.services:
        if service.host == host and service.software in PORTS:
            yield _app(plan, service, service.software)


def _app(plan: Plan, service: Service, software: str) -> App:
    usual = {**PORTS, **RECORDERS}[software]
    port = service.health.port if service.health and service.health.port else usual
    is_native = service.form == "native"
    maps = () if is_native else tuple(PathMap(f.target, f.source.text) for f in service.folders)
    media = tuple(f.source.text for f in service.folders if f.kind == "media")
    settings = next((f.source.text for f in service.folders if f.target == "/config"), None)
    url = f"http://127.0.0.1:{port}" if is_native else _shown(plan, service, port)
    if url is not None:
        return App(service.key, software, Maps(maps), media, settings, url)
    return App(
        service.key, software, Maps(maps), media, settings, None,
        f"`{service.key}` publishes no port on this host, so it cannot be asked",
        f'publish it: `{service.key}: {{ports: ["127.0.0.1:{port}:{port}"]}}`',
    )  # fmt: skip


def _shown(plan: Plan, service: Service, port: int) -> str | None:
    """Where its port is, or that of the gateway whose network it is in."""
    for container in plan.containers:
        if container.host == service.host and container.key in (service.key, service.through):
            found = _published(container, port)
            if found:
                return found
    return None


def _published(container: Container, port: int) -> str | None:
    for each in container.ports:
        if each.protocol == "tcp" and each.host and port in each.container:
            number = each.host.first + port - each.container.first
            address = "127.0.0.1" if each.address in _EVERYWHERE else each.address
            return f"http://{address}:{number}"
    return None
