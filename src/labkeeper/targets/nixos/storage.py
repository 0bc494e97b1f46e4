"""Folders of services, and ZFS where the lab declares it."""

import hashlib
import posixpath
import shlex
from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.lab.cron import Schedule
from labkeeper.lab.hardware import Pool, Zfs
from labkeeper.lab.size import Size
from labkeeper.plan import Folder, Service
from labkeeper.source import Finding
from labkeeper.targets.calendar import on_calendar
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Apply, Attributes, Lines, Nix, Noted, Raw, laid
from labkeeper.targets.nixos.unit import on_its_disks
from labkeeper.targets.nixos.words import in_tmpfiles, listed

_FILE: Final = "10-labkeeper"
# Who makes folders for others has to give them away, wherever they are.
_MAKING: Final[Attributes] = {
    "CapabilityBoundingSet": ("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"),
    "ProtectHome": False,
    "SystemCallFilter": ("@system-service", "~@privileged @resources", "@chown"),
    "UMask": "0022",
}
# How many sanoid keeps of each kind, by how often they are taken; it knows no weekly ones.
_KEPT: Final[Mapping[str, Mapping[str, int]]] = {
    "hourly": {"hourly": 24, "daily": 14, "monthly": 3, "yearly": 0},
    "daily": {"hourly": 0, "daily": 14, "monthly": 3, "yearly": 0},
    "weekly": {"hourly": 0, "daily": 30, "monthly": 3, "yearly": 0},
    "monthly": {"hourly": 0, "daily": 0, "monthly": 6, "yearly": 0},
}


def module(machine: Machine) -> tuple[Attributes, tuple[Finding, ...]]:
    """The settings, and what they cannot say."""
    folders = dict(_folders(machine))
    found: Attributes = {}
    if folders:
        found = {"systemd": {"tmpfiles": {"settings": {_FILE: folders}}}}
    found = laid(found, prepared(machine))
    if machine.host.zfs is None:
        return found, ()
    settings, findings = _zfs(machine.host.zfs, machine)
    return laid(found, settings), findings


def _folders(machine: Machine) -> Iterator[tuple[str, Nix]]:
    """Each folder that a service of the host keeps, made where there is none."""
    for service in machine.services:
        user, group = service.owner or (0, 0)
        own = {"user": f":{user}", "group": f":{group}"} if service.owner else {}
        if user_of := _user(service, machine):
            own = {"user": f":{user_of}", "group": f":{user_of}"}
        for folder in service.folders:
            if folder.tier is None and not _is_file(folder) and not _is_made(folder, service):
                # tmpfiles.d(5): behind a colon it is for what is new alone.
                made = {**own, "mode": f":{_mode(folder, service)}"}
                yield in_tmpfiles(posixpath.normpath(folder.source.text)), {"d": made}
    if any(each.module == "services.prometheus.exporters.node" for each in machine.natives):
        yield "/var/lib/node_exporter", {"d": {}}


def folders_in_tiers(service: Service, machine: Machine) -> Iterator[str]:
    """Lines that make folders on tiers, once these are mounted: before, they would be hidden."""
    tiers = {posixpath.normpath(t.path) for t in machine.ground.plan.tiers
             if t.host == machine.host.name}  # fmt: skip
    for folder in service.folders:
        path = posixpath.normpath(folder.source.text)
        if folder.tier is None or path in tiers or folder.read_only:
            continue
        if _is_file(folder) or _is_made(folder, service):
            continue
        owner = f"-o {service.owner[0]} -g {service.owner[1]} " if service.owner else ""
        if user := _user(service, machine):
            owner = f'-o {user} -g "$(id -gn {user})" '
        quoted = shlex.quote(path)
        yield f"[ -e {quoted} ] || install -d -m {_mode(folder, service)} {owner}{quoted}"


def prepared(machine: Machine) -> Attributes:
    """Units that make them for modules, which run as their own users from their first step on."""
    units: dict[str, Nix] = {}
    for service in machine.natives:
        if lines := tuple(folders_in_tiers(service, machine)):
            units[f"{service.key}-folders"] = {
                "description": f"Folders of {service.key} on its disks",
                "before": (service.unit,),
                "requiredBy": (service.unit,),
                "unitConfig": on_its_disks(service),
                "serviceConfig": {
                    "Type": "oneshot",
                    "RemainAfterExit": True,
                    **_MAKING,
                    **_writing(service),
                },
                "script": Lines.of(*lines),
            }
    if not units:
        return {}
    return {"systemd": {"services": units}, "lab": {"hardened": tuple(units)}}


def _writing(service: Service) -> Attributes:
    """Where it may write: on its disks, and elsewhere if a folder of its is on none of them."""
    disks = service.requires_mounts
    paths = [folder.source.text for folder in service.folders if folder.tier]
    if all(any(path.startswith(disk) for disk in disks) for path in paths):
        return {"ReadWritePaths": tuple(map(listed, disks))}
    return {"ProtectSystem": "full"}


def _user(service: Service, machine: Machine) -> str | None:
    """Whom a module runs a service as."""
    software = machine.ground.catalog.services.by_name.get(service.software or "")
    native = software.nixos if software and service.form == "native" else None
    return native.user if native else None


def _is_made(folder: Folder, service: Service) -> bool:
    """Whether a module looks after it: its state where it always is."""
    return service.form == "native" and folder.target == folder.source.text


def _mode(folder: Folder, service: Service) -> str:
    """State is its service's own; media is everybody's who shares it."""
    if folder.kind != "media":
        return "0750"
    return f"{0o777 & ~(service.umask if service.umask is not None else 0o022):04o}"


def _is_file(folder: Folder) -> bool:
    """Whether its name says that it is no folder: `config.yml`."""
    _, ending = posixpath.splitext(posixpath.basename(folder.target))
    return 2 <= len(ending) <= 6


def _zfs(zfs: Zfs, machine: Machine) -> tuple[Attributes, tuple[Finding, ...]]:
    pools = {name.text: pool for name, pool in zfs.pools.items()}
    # It has to be the same for as long as the machine lives, and no other machine's.
    number = hashlib.sha256(machine.host.name.encode()).hexdigest()[:8]
    found: dict[str, Nix] = {
        "boot": {"supportedFilesystems": ("zfs",)},
        "networking": {"hostId": Noted(
            "Pools are imported by the machine that they belong to: set your own if you had one.",
            Apply("lib.mkDefault", (number,)),
        )},
    }  # fmt: skip
    scrubs = _by_pool(pools, "scrub")
    services: Attributes = laid(_scrub(scrubs), _trim(_by_pool(pools, "trim")),
                                _snapshots(_by_pool(pools, "snapshots")))  # fmt: skip
    arc, findings = _arc(zfs, machine)
    return laid(found, services, arc), findings


def _by_pool(pools: Mapping[str, Pool], what: str) -> dict[str, Schedule]:
    found = {name: getattr(pool, what) for name, pool in pools.items()}
    return {name: when for name, when in found.items() if when is not None}


def _scrub(when: Mapping[str, Schedule]) -> Attributes:
    """The module knows one time for all pools; where they differ, each has a unit of its own."""
    times = {on_calendar(each) for each in when.values()}
    if len(times) == 1 and len(*times) == 1:
        (((interval,)),) = times
        scrub: Attributes = {"enable": True, "interval": interval, "pools": tuple(when)}
        return {"services": {"zfs": {"autoScrub": scrub}}}
    return _own_units("scrub", when)


def _trim(when: Mapping[str, Schedule]) -> Attributes:
    times = {on_calendar(each) for each in when.values()}
    if len(times) == 1 and len(*times) == 1:
        (((interval,)),) = times
        return {"services": {"zfs": {"trim": {"enable": True, "interval": interval}}}}
    if not when:
        return {}
    return laid({"services": {"zfs": {"trim": {"enable": False}}}}, _own_units("trim", when))


def _own_units(verb: str, when: Mapping[str, Schedule]) -> Attributes:
    units: dict[str, Nix] = {
        f"zpool-{verb}-{pool}": {
            "description": f"{verb.capitalize()} of the pool {pool}",
            "path": (Raw("config.boot.zfs.package"),),
            "serviceConfig": {"Type": "oneshot"},
            "script": Lines.of(f"zpool {verb} -w {pool}"),
            "startAt": on_calendar(each),
        }
        for pool, each in when.items()
    }
    return {"systemd": {"services": units}} if units else {}


def _snapshots(when: Mapping[str, Schedule]) -> Attributes:
    """Sanoid takes them and lets them go."""
    if not when:
        return {}
    times = [time for each in when.values() for time in on_calendar(each)]
    interval = next((each for each in times if "hourly" in each), times[0])
    datasets: dict[str, Nix] = {
        pool: {
            "autosnap": True,
            "autoprune": True,
            "recursive": True,
            **_KEPT.get(str(each), _KEPT["daily"]),
        }
        for pool, each in when.items()
    }
    sanoid: Attributes = {"enable": True, "interval": interval, "datasets": datasets}
    return {"services": {"sanoid": sanoid}}


def _arc(zfs: Zfs, machine: Machine) -> tuple[Attributes, tuple[Finding, ...]]:
    if zfs.arc is None:
        return {}, ()
    value = zfs.arc.value
    if isinstance(value, Size):
        most = value.bytes
    elif machine.host.memory:
        most = machine.host.memory * value.hundredths // 10_000
    else:
        return {}, (Finding(
            "arc-of-unknown-memory", "error",
            f"`{machine.host.name}` gives ZFS a part of its memory, and does not say how much "
            "that is",
            zfs.at, f"give it a size in place of {value}, or say the host's `memory`",
            subject=machine.host.name,
        ),)  # fmt: skip
    return {"boot": {"kernelParams": (f"zfs.zfs_arc_max={most}",)}}, ()
