"""Tiers and secrets that a lab speaks of: they are said all over it, and declared in one place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TypeVar

from labkeeper.lab.host import Host
from labkeeper.lab.lab import Lab
from labkeeper.lab.name import HostName, Label, RepositoryName, SecretName, SecretReference
from labkeeper.lab.path import Source, TierPath
from labkeeper.lab.service import Service
from labkeeper.lab.storage import Cache, Clean, Library
from labkeeper.source import Finding, did_you_mean

T = TypeVar("T")


def hosts_of(service: Service, lab: Lab) -> tuple[HostName, ...]:
    """The hosts that a service runs on, as far as the lab has them."""
    if not service.hosts and len(lab.hosts) == 1:
        return tuple(lab.hosts)
    return tuple(name for name in service.hosts if name in lab.hosts)


def tier_paths(lab: Lab) -> Iterator[Finding]:
    """Paths in tiers that their host does not have."""
    for name, host in lab.hosts.items():
        for path in found(host.features, TierPath):
            yield from _on_host(path, name, host)
    for service in lab.services.values():
        for name in hosts_of(service, lab):
            for path in found(service.paths, TierPath):
                yield from _on_host(path, name, lab.hosts[name])
    storage = lab.storage
    moved: Iterable[tuple[Label, Library | Clean | Cache]] = (
        *storage.libraries.items(), *storage.clean.items(), *storage.caches.items()
    )  # fmt: skip
    for label, item in moved:
        yield from _somewhere(lab, label, item.on, found(item, TierPath))
    for label, clips in storage.surveillance.items():
        service_ = lab.services.get(clips.service)
        on = service_.hosts[0] if service_ and service_.hosts else None
        yield from _somewhere(lab, label, on, [clips.to])
    for repository, kept in lab.backup.repositories.items():
        if isinstance(kept.to, Source) and isinstance(kept.to.path, TierPath):
            yield from _somewhere(lab, repository, kept.on, [kept.to.path])


def _on_host(path: TierPath, name: HostName, host: Host) -> Iterator[Finding]:
    if path.tier in host.tiers:
        return
    words = [tier.text for tier in host.tiers]
    known = ", ".join(f"`{word}`" for word in words)
    hint = did_you_mean(path.tier.text, words) or (f"its tiers: {known}" if known else None)
    message = f"host `{name}` has no tier `{path.tier}`"
    yield Finding("unknown-tier", "error", message, path.at, hint, subject=str(path))


def _somewhere(
    lab: Lab, label: Label | RepositoryName, on: HostName | None, paths: Sequence[TierPath]
) -> Iterator[Finding]:
    """Paths of something that may leave its host open, where only one host can be meant."""
    if on is not None or len(lab.hosts) == 1:
        name = on or next(iter(lab.hosts))
        for path in paths if name in lab.hosts else ():
            yield from _on_host(path, name, lab.hosts[name])
        return
    tiers = {path.tier for path in paths}
    able = [name for name, host in lab.hosts.items() if tiers.issubset(host.tiers)]
    if len(able) == 1:
        return
    if able:
        shown = ", ".join(f"`{name}`" for name in able)
        message, hint = f"`{label}` could be on {shown}", f"say which: `on: {able[0]}`"
        yield Finding("unplaced-paths", "error", message, paths[0].at, hint, subject=label.text)
        return
    nowhere = [p for p in paths if not any(p.tier in host.tiers for host in lab.hosts.values())]
    message = f"no host has all the tiers of `{label}`"
    if nowhere:
        message = f"no host has a tier `{nowhere[0].tier}`"
    at = (nowhere or paths)[0].at
    yield Finding("unknown-tier", "error", message, at, subject=label.text)


def secrets(lab: Lab) -> Iterator[Finding]:
    """Secrets that the lab's store does not list, where it lists any."""
    used = [
        SecretName(reference.name, at=reference.at) for reference in found(lab, SecretReference)
    ]
    used.extend(name for service in lab.services.values() for name in service.secrets)
    if used and lab.secrets is None:
        message = f"secret `{used[0]}` is used, and the lab has no store of secrets"
        hint = "say where they are kept: `secrets: {store: sops, file: secrets.yaml}`"
        yield Finding("unknown-secret", "error", message, used[0].at, hint, subject=used[0].text)
    if lab.secrets is None or not lab.secrets.names:
        return
    listed = set(lab.secrets.names)
    words = [name.text for name in lab.secrets.names]
    for name in used:
        if name not in listed:
            hint = did_you_mean(name.text, words) or "add it to `secrets: names`"
            message = f"secret `{name}` is not among the names of the lab's secrets"
            yield Finding("unknown-secret", "error", message, name.at, hint, subject=name.text)


def found(value: object, kind: type[T]) -> list[T]:
    """Every value of a type in another."""
    if isinstance(value, kind):
        return [value]
    if is_dataclass(value):
        parts = [getattr(value, item.name) for item in fields(value)]
    elif isinstance(value, Mapping):
        parts = list(value.values())
    else:
        parts = list(value) if isinstance(value, tuple) else []
    return [hit for part in parts for hit in found(part, kind)]
