"""Whole machines, as Nix has told them: also what no file of the folder says itself."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.hosts import host_of
from labkeeper.audit.nix.evaluated import Evaluated
from labkeeper.audit.nix.machine import is_whole, machine, mount_unit
from labkeeper.audit.nix.values import Attrs, Listing
from labkeeper.plan import Facet, FileSystem, Plan, Unit, merged
from labkeeper.source import Span

_ENGINES: Final = ("podman", "docker")
_WAITING: Final = ("after", "requires", "bindsTo", "wants")


def machines(folder: Folder, parts: Iterable[Plan]) -> Plan:
    """What the hosts come to, beside what was read of them in their files."""
    told = Evaluated(folder.evaluated)
    read = merged(parts)
    hosts = {host_of(path): path for path in sorted(folder.texts, reverse=True)
             if path.endswith(".nix")}  # fmt: skip
    found = [
        _machine(root, host, read, at)
        for host, path in hosts.items()
        if (at := Span(path, 0, 0)) and (root := told.of_host(host, at))
    ]
    # A host that Nix could not tell of may have whatever disks and rules.
    facets = frozenset.intersection(*(each.facets for each in found)) if found else frozenset()
    told_of = len(found) == len([host for host in hosts if host or len(hosts) == 1])
    return replace(merged(found), facets=facets if told_of else frozenset())


def _machine(root: Attrs, host: str, read: Plan, at: Span) -> Plan:
    whole = machine(root, host)
    mine = {each.path.text for each in read.file_systems if each.host == host}
    names = {each.name.text for each in read.accounts if each.host == host}
    groups = {each.name.text for each in read.account_groups if each.host == host}
    rules = {(e.kind, e.path.text) for e in read.tmpfiles if e.host == host}
    added = tuple(each for each in whole.file_systems if each.path.text not in mine)
    units = {mount_unit(each.path.text) for each in added}
    facets: set[Facet] = set()
    if _all_mounts(whole.file_systems):
        facets.add("mounts")
    knows = is_whole(root)
    if knows:
        facets.add("firewall")
    return Plan(
        file_systems=added,
        units=(
            *(unit for unit in whole.units if unit.name in units),
            *_container_units(root, host, at),
        ),
        firewalls=tuple(replace(each, whole=knows) for each in whole.firewalls),
        # Who asks for a user of another host is told of one without a number and a group.
        accounts=tuple(
            each
            for each in whole.accounts
            if each.name.text not in names and (each.uid is not None or each.group)
        ),
        account_groups=tuple(e for e in whole.account_groups if e.name.text not in groups),
        tmpfiles=tuple(e for e in whole.tmpfiles if (e.kind, e.path.text) not in rules),
        facets=frozenset(facets),
    )


def _all_mounts(found: tuple[FileSystem, ...]) -> bool:
    """A system that boots has a root; ZFS and systemd mount others that are not listed here."""
    roots = [each for each in found if each.path.text == "/"]
    return bool(roots) and all(each.kind != "zfs" and each.options is not None for each in found)


def _container_units(root: Attrs, host: str, at: Span) -> Iterator[Unit]:
    """The units of oci-containers, with all that is said of what they need."""
    services = root.attrs("systemd", "services")
    for entry in services.entries.values() if services else ():
        name, value = entry.name.text, entry.value
        if not name.startswith(tuple(f"{engine}-" for engine in _ENGINES)):
            continue
        if not isinstance(value, Attrs) or not all(_is_told(value, key) for key in _WAITING):
            continue
        mounts = value.texts("unitConfig", "RequiresMountsFor")
        yield Unit(
            f"{name}.service", host, at, "service", started_elsewhere=True, partial=True,
            environment_open=True,
            requires_mounts=tuple(path for text in mounts for path in text.slice.text.split()),
            after=_names(value, "after"),
            requires=(*_names(value, "requires"), *_names(value, "bindsTo")),
            starts=_names(value, "wants"),
        )  # fmt: skip


def _names(value: Attrs, key: str) -> tuple[str, ...]:
    return tuple(text.slice.text for text in value.texts(key))


def _is_told(value: Attrs, key: str) -> bool:
    given = value.get(key)
    return given is None or (isinstance(given, Listing) and given.is_whole)
