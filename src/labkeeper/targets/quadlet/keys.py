"""Which keys each version of Quadlet knows.

A key that it does not know makes it leave the whole file out, while `systemctl daemon-reload` still
succeeds: https://github.com/containers/podman/blob/v5.4.2/pkg/systemd/quadlet/quadlet.go
(checkForUnknownKeys). The tables are what that file lists, at the tag of each minor version.
"""

from collections.abc import Iterator
from typing import Final

from labkeeper.source import Mapping, Scalar, Sequence, Slice, Span, parse_ini

Version = tuple[int, int]

_CONTAINER: Final[dict[Version, str]] = {
    (4, 4): "AddCapability AddDevice Annotation ContainerName DropCapability Environment "
    "EnvironmentFile EnvironmentHost Exec ExposeHostPort Group Image Label Network "
    "NoNewPrivileges Notify PodmanArgs PublishPort ReadOnly RemapGid RemapUid RemapUidSize "
    "RemapUsers RunInit SeccompProfile Timezone User VolatileTmp Volume",
    (4, 5): "HealthCmd HealthInterval HealthOnFailure HealthRetries HealthStartPeriod "
    "HealthStartupCmd HealthStartupInterval HealthStartupRetries HealthStartupSuccess "
    "HealthStartupTimeout HealthTimeout IP IP6 LogDriver Mount Rootfs Secret SecurityLabelDisable "
    "SecurityLabelFileType SecurityLabelLevel SecurityLabelType Tmpfs UserNS",
    (4, 6): "AutoUpdate HostName Mask Pull SecurityLabelNested Sysctl Unmask WorkingDir",
    (4, 7): "DNS DNSOption DNSSearch PidsLimit ShmSize Ulimit",
    (4, 8): "ContainersConfModule GIDMap GlobalArgs ReadOnlyTmpfs SubGIDMap SubUIDMap UIDMap",
    (5, 0): "Entrypoint Pod StopTimeout",
    (5, 1): "GroupAdd",
    (5, 2): "LogOpt NetworkAlias StopSignal",
    (5, 3): "AddHost CgroupsMode HealthLogDestination HealthMaxLogCount HealthMaxLogSize "
    "ServiceName StartWithPod",
    (5, 5): "Memory ReloadCmd ReloadSignal Retry RetryDelay",
    (5, 7): "HttpProxy",
    (5, 8): "AppArmor",
}
_NETWORK: Final[dict[Version, str]] = {
    (4, 4): "DisableDNS Driver Gateway IPAMDriver IPRange IPv6 Internal Label Options Subnet",
    (4, 6): "PodmanArgs",
    (4, 7): "DNS NetworkName",
    (4, 8): "ContainersConfModule GlobalArgs",
    (5, 3): "ServiceName",
    (5, 5): "NetworkDeleteOnStop",
    (5, 6): "InterfaceName",
}
_VOLUME: Final[dict[Version, str]] = {
    (4, 4): "Copy Device Group Label Options Type User",
    (4, 6): "PodmanArgs",
    (4, 7): "VolumeName",
    (4, 8): "ContainersConfModule Driver GlobalArgs Image",
    (5, 3): "ServiceName",
}
_QUADLET: Final[dict[Version, str]] = {(5, 3): "DefaultDependencies"}
# Since when each key is known, by its section. Other sections are systemd's own.
KEYS: Final[dict[str, dict[str, Version]]] = {
    section: {key: version for version, keys in table.items() for key in keys.split()}
    for section, table in {
        "Container": _CONTAINER,
        "Network": _NETWORK,
        "Volume": _VOLUME,
        "Quadlet": _QUADLET,
    }.items()
}
# Values that came later than their keys, by what they end with.
VALUES: Final[dict[tuple[str, str], Version]] = {
    ("Notify", "healthy"): (5, 0),
    ("Network", ".container"): (5, 3),
}


def knows(key: str, version: Version, section: str = "Container") -> bool:
    """Whether Quadlet of a version takes a key."""
    return version >= KEYS[section][key]


def refused(text: Slice, version: Version) -> Iterator[tuple[str, str, Span]]:
    """The keys of a text that Quadlet of a version would not take: why, and where they stand."""
    root = parse_ini(text)
    if not isinstance(root, Mapping):
        yield "", root.message, root.at
        return
    for section, keys in root.pairs:
        known = KEYS.get(section.value)
        if known is None or not isinstance(keys, Mapping):
            continue
        for key, values in keys.pairs:
            since = known.get(key.value)
            if since is None:
                yield key.value, "no version of Quadlet knows it", key.span
            elif since > version:
                yield key.value, f"Podman has it since {spoken(since)}", key.span
            elif isinstance(values, Sequence):
                yield from _values(key, values, version)


def _values(key: Scalar, values: Sequence, version: Version) -> Iterator[tuple[str, str, Span]]:
    given = [item for item in values.items if isinstance(item, Scalar)]
    for (name, ending), since in VALUES.items():
        for item in given if key.value == name and since > version else ():
            if item.value.endswith(ending):
                yield f"{name}={item.value}", f"Podman has it since {spoken(since)}", item.span


def spoken(version: Version) -> str:
    """`5.4`."""
    return ".".join(map(str, version))
