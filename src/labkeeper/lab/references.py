"""Names that one part of a lab uses and no part declares."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from labkeeper.lab.backup import Repository, ServiceBackup
from labkeeper.lab.containers import ContainerProfile
from labkeeper.lab.host import Host
from labkeeper.lab.lab import Lab
from labkeeper.lab.name import HostName, Name, ServiceName
from labkeeper.lab.service import Service
from labkeeper.lab.stated import hosts_of, secrets, tier_paths
from labkeeper.lab.storage import Cache, Clean, Library
from labkeeper.source import Finding, did_you_mean
from labkeeper.values import dataclass

# Settings that only one service of the catalog understands.
_ONLY_FOR: Final = {"cameras": "frigate", "models": "ollama", "vpn": "gluetun"}


@dataclass(frozen=True, slots=True)
class _Use:
    """A name, the names that it may be, and in words what those are."""

    name: Name | None
    among: Collection[Name]
    check: str
    what: str


def references(lab: Lab, known: Collection[str]) -> Iterator[Finding]:
    """What is named and not there; `known` are the catalog's services."""
    for use in (*_of_services(lab), *_of_hosts(lab), *_of_notify(lab), *_of_the_rest(lab)):
        if use.name is not None and use.name not in use.among:
            yield _unknown(use.name, use)
    catalog = sorted(known)
    for name, service in lab.services.items():
        yield from _kind(name, service, catalog)
        yield from _place(name, service, lab)
        yield from _settings(name, service)
    yield from _gateways(lab)
    yield from tier_paths(lab)
    yield from secrets(lab)


def _of_services(lab: Lab) -> Iterator[_Use]:
    for service in lab.services.values():
        yield from (_host(lab, name) for name in service.hosts)
        yield from (_hosted(lab, name) for name in (service.through, *service.after))
        yield from (_network(lab, name) for name in service.networks)
        yield from (_zone(lab, name) for name in service.open_to)
        if isinstance(service.backup, ServiceBackup):
            what = "a repository under `backup`"
            repositories = lab.backup.repositories
            yield _Use(service.backup.to, repositories, "unknown-repository", what)


def _of_hosts(lab: Lab) -> Iterator[_Use]:
    for host in lab.hosts.values():
        yield from (_zone(lab, interface.zone) for interface in host.interfaces.values())
        for profile in profiles(host):
            yield _hosted(lab, profile.through)
            yield _network(lab, profile.network)
    if lab.secrets:
        yield from (_host(lab, name) for name in lab.secrets.recipients)


def _of_notify(lab: Lab) -> Iterator[_Use]:
    routes, events = lab.notify.routes, lab.notify.events
    switch = lab.monitoring.dead_mans_switch
    groups = (
        routes.critical, routes.warning, routes.info,
        events.motion, events.download, events.request, events.failure, events.change,
        (switch.to,) if switch else (),
    )  # fmt: skip
    for channel in (channel for group in groups for channel in group):
        what = "a channel under `notify: channels`"
        yield _Use(channel, lab.notify.channels, "unknown-channel", what)


def _of_the_rest(lab: Lab) -> Iterator[_Use]:
    storage = lab.storage
    items: tuple[Library | Clean | Cache | Repository, ...] = (
        *storage.libraries.values(), *storage.clean.values(), *storage.caches.values(),
        *lab.backup.repositories.values(),
    )  # fmt: skip
    yield from (_host(lab, item.on) for item in items)
    yield from (_hosted(lab, library.client) for library in storage.libraries.values())
    yield from (
        _hosted(lab, name)
        for library in storage.libraries.values()
        for name in library.when.finished_by
    )
    yield from (_hosted(lab, item.service) for item in storage.surveillance.values())
    yield _hosted(lab, lab.network.proxy)


def _host(lab: Lab, name: Name | None) -> _Use:
    return _Use(name, lab.hosts, "unknown-host", "a host of the lab")


def _hosted(lab: Lab, name: Name | None) -> _Use:
    return _Use(name, lab.services, "unknown-service", "a service of the lab")


def _network(lab: Lab, name: Name | None) -> _Use:
    return _Use(name, lab.network.containers, "unknown-network",
                "a network under `network: containers`")  # fmt: skip


def _zone(lab: Lab, name: Name | None) -> _Use:
    return _Use(name, lab.network.zones, "unknown-zone", "a zone under `network: zones`")


def profiles(host: Host) -> Iterator[ContainerProfile]:
    """What the host's containers have in common, by kind."""
    for profile in (host.features.media_container, host.features.download_container):
        if isinstance(profile, ContainerProfile):
            yield profile


def _kind(name: ServiceName, service: Service, known: Sequence[str]) -> Iterator[Finding]:
    """What a service is: of the catalog, or with an image of its own."""
    kind = service.is_ or name
    if kind.text in known:
        return
    if service.is_:
        catalog = [ServiceName(word) for word in known]
        use = _Use(kind, catalog, "unknown-service", "a service of the catalog")
        yield _unknown(kind, use)
    elif service.image is None:
        hint = did_you_mean(kind.text, known) or "give an `image` to run one of your own"
        message = f"the catalog has no service `{kind}`, and no `image` is given"
        yield Finding("unknown-service", "error", message, kind.at, hint, subject=name.text)


def _place(name: ServiceName, service: Service, lab: Lab) -> Iterator[Finding]:
    """Where a service runs, and whether it can."""
    if not service.hosts and len(lab.hosts) > 1:
        message = f"`{name}` is on no host, and the lab has {len(lab.hosts)}"
        hint = f"say which: `on: {next(iter(lab.hosts))}`"
        yield Finding("unplaced-service", "error", message, name.at, hint, subject=name.text)
    for host in hosts_of(service, lab):
        there, wanted = lab.hosts[host], service.profile
        at = host.at if service.hosts else name.at
        if there.target == "none":
            message = f"`{name}` is on `{host}`, whose `target` is `none`: nothing is run there"
            hint = f"give `{host}` a target, or put the service elsewhere"
            yield Finding("unplaced-service", "error", message, at, hint, subject=name.text)
        elif wanted and wanted != "none" and wanted not in there.features.enabled():
            message = f"`{name}` wants `{wanted}`, a feature that is not on for `{host}`"
            hint = f"turn it on: `features: {{{wanted}: {{...}}}}`"
            yield Finding("feature-is-off", "error", message, name.at, hint, subject=name.text)


def _gateways(lab: Lab) -> Iterator[Finding]:
    """Gateways that are on another host: no container joins a network there."""
    for name, service in lab.services.items():
        yield from _elsewhere(f"`{name}`", service.through, hosts_of(service, lab), lab)
    for host, there in lab.hosts.items():
        for profile in profiles(there):
            yield from _elsewhere("a profile", profile.through, (host,), lab)


def _elsewhere(
    who: str, gateway: ServiceName | None, hosts: Sequence[HostName], lab: Lab
) -> Iterator[Finding]:
    if gateway is None or gateway not in lab.services:
        return
    there = hosts_of(lab.services[gateway], lab)
    lacking = [host for host in hosts if host not in there]
    if lacking and there:
        message = (
            f"{who} of `{lacking[0]}` goes through `{gateway}`, which is on `{there[0]}` alone"
        )
        if len(there) > 1:
            message = f"{who} of `{lacking[0]}` goes through `{gateway}`, which is not there"
        hint = f"put both on one host, or give `{lacking[0]}` a gateway of its own"
        subject = f"{gateway} {lacking[0]}"
        yield Finding("misplaced-gateway", "error", message, gateway.at, hint, subject=subject)


def _settings(name: ServiceName, service: Service) -> Iterator[Finding]:
    """Settings that only another service understands."""
    kind = service.is_ or name
    for setting, only in _ONLY_FOR.items():
        if getattr(service, setting) and kind.text != only and service.image is None:
            message = f"`{setting}` is a setting of `{only}`, and `{name}` is none"
            hint = f"remove it, or say `is: {only}`"
            yield Finding("misplaced-setting", "error", message, name.at, hint, subject=name.text)


def _unknown(name: Name, use: _Use) -> Finding:
    words = [other.text for other in use.among]
    hint = did_you_mean(name.text, words) or _listed(words)
    message = f"`{name}` is not {use.what}"
    return Finding(use.check, "error", message, name.at, hint, subject=name.text)


_MOST_LISTED: Final = 12


def _listed(words: Sequence[str]) -> str | None:
    if len(words) > _MOST_LISTED:
        return None
    listed = ", ".join(f"`{word}`" for word in words)
    return f"known here: {listed}" if listed else "none is declared"
