"""Containers in Nix: oci-containers' options, and the same sets standing alone in a guide."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.engine_syntax import published_port, short_mount
from labkeeper.audit.flags import Flags, read_flags, read_network
from labkeeper.audit.nix.values import Attrs, Entry, Listing, Text, Value
from labkeeper.plan import (
    Container,
    Dependency,
    GpuRequest,
    Mount,
    OptionSet,
    PublishedPort,
    Variable,
)
from labkeeper.plan.container import Engine
from labkeeper.source import Slice, Span

_PATH: Final = ("virtualisation", "oci-containers")
_KEYS: Final = frozenset(
    {"autoStart", "extraOptions", "ports", "volumes", "environment", "cmd", "dependsOn"}
    | {"environmentFiles", "imageFile", "devices", "networks"}
)


def declared(
    root: Attrs, project: str, host: str, told: Attrs | None = None
) -> Iterator[Container]:
    """The containers of a whole configuration; another file of it may say which engine it is."""
    backend = root.text(*_PATH, "backend") or (told.text(*_PATH, "backend") if told else None)
    engine = _engine(backend)
    containers = root.attrs(*_PATH, "containers")
    for entry in containers.entries.values() if containers else ():
        if isinstance(entry.value, Attrs):
            yield read_container(entry, entry.value, project, host, engine)


def scattered(root: Attrs, project: str, host: str) -> Iterator[Container]:
    """Sets in a fragment that have a container's keys, without the path that leads to them."""
    known = root.attrs(*_PATH, "containers")
    waiting = [root]
    while waiting:
        here = waiting.pop()
        for entry in here.entries.values():
            if not isinstance(entry.value, Attrs) or entry.value is known:
                continue
            if _looks_like_one(entry.value):
                yield read_container(entry, entry.value, project, host, None)
            else:
                waiting.append(entry.value)


def _looks_like_one(value: Attrs) -> bool:
    given = _KEYS & value.entries.keys()
    if value.text("image"):
        return bool(given)
    return value.listing("ports") is not None and "environment" in given


def _engine(backend: Text | None) -> Engine | None:
    match backend and backend.literal:
        case "docker":
            return "docker"
        case "podman":
            return "podman"
    return None


def read_container(
    entry: Entry, value: Attrs, project: str, host: str, engine: Engine | None
) -> Container:
    """One container; what its flags say stands beside what its options say."""
    flags = read_flags(text.slice for text in value.texts("extraOptions") if not text.holes)
    # nixos/modules/virtualisation/oci-containers.nix: `--network=` of each.
    for network in slices(value, "networks"):
        read_network(flags, network)
    image = value.text("image")
    user = value.text("podman", "user")
    return Container(
        key=entry.name.text,
        project=project,
        host=host,
        at=entry.name.span,
        engine=engine,
        name=entry.name,
        image=image.slice if image else None,
        built="imageFile" in value.entries or "imageStream" in value.entries,
        entrypoint=slices(value, "entrypoint"),
        command=slices(value, "cmd"),
        environment=(*variables(value.get("environment")), *flags.environment),
        ports=(*_ports(value), *flags.ports),
        networks=tuple(flags.networks),
        namespace=flags.namespace,
        pid_host=flags.pid_host,
        mounts=(*_mounts(value), *flags.mounts),
        devices=(*slices(value, "devices"), *flags.devices),
        capabilities=tuple(flags.capabilities),
        privileged=_privileged(value, flags),
        gpus=(*_gpus(value), *flags.gpus),
        memory_limit=flags.memory_limit,
        depends_on=tuple(
            Dependency(name.text, "started", required=True, at=name.span)
            for name in slices(value, "dependsOn")
        ),
        user=next(iter(slices(value, "user")), None),
        labels=variables(value.get("labels")),
        complete=_is_complete(value),
        rootless=flags.passed_on or (user is not None and user.literal != "root"),
    )


def option_set(name: Slice, value: Value, host: str) -> OptionSet | None:
    """A list of flags, or a set of variables, that stands by itself."""
    at = name.span
    if isinstance(value, Attrs):
        given = variables(value)
        return OptionSet(name.text, host, at, environment=given) if given else None
    if not isinstance(value, Listing):
        return None
    flags = read_flags(text.slice for text in value.texts() if not text.holes)
    if not flags.options or not all(o.name.startswith("-") for o in flags.options):
        return None
    return OptionSet(
        name.text,
        host,
        at,
        options=tuple(flags.options),
        environment=tuple(flags.environment),
        devices=tuple(flags.devices),
        gpus=tuple(flags.gpus),
        memory_limit=flags.memory_limit,
    )


def slices(value: Attrs, *path: str) -> tuple[Slice, ...]:
    """The texts at a path; what only evaluation can fill in stays in them as `${...}`."""
    return tuple(text.slice for text in value.texts(*path))


def variables(value: Value | None) -> tuple[Variable, ...]:
    """An `environment`: only names that are given a text."""
    if not isinstance(value, Attrs):
        return ()
    return tuple(
        Variable(entry.name.text, entry.value.slice, entry.name.span)
        for entry in value.entries.values()
        if isinstance(entry.value, Text)
    )


def _ports(value: Attrs) -> Iterator[PublishedPort]:
    for text in value.texts("ports"):
        if port := published_port(text.slice):
            yield port


def _mounts(value: Attrs) -> Iterator[Mount]:
    for text in slices(value, "volumes"):
        if mount := short_mount(text):
            yield mount


def _privileged(value: Attrs, flags: Flags) -> Span | None:
    option = value.text("privileged")
    return option.at if option and option.truth else flags.privileged


def _gpus(value: Attrs) -> Iterator[GpuRequest]:
    for device in slices(value, "devices"):
        if device.text.startswith("nvidia.com/gpu="):
            yield GpuRequest("cdi", device.text, device.span)


def _is_complete(value: Attrs) -> bool:
    """Whether nothing of it is left to evaluation."""
    if not value.complete:
        return False
    for name in _KEYS & value.entries.keys():
        match value.get(name):
            case Attrs() as given if given.complete:
                continue
            case Listing() as given if given.is_whole:
                continue
            case Text():
                continue
        return False
    return True
