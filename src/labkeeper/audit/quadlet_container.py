"""A `.container` or `.pod` file to a container of the Plan."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.compose_resources import device_request
from labkeeper.audit.engine_syntax import port_range, published_port, short_mount
from labkeeper.audit.flags import Flags, read_flags
from labkeeper.audit.quadlet_keys import Section
from labkeeper.plan import (
    Container,
    Dependency,
    HealthCheck,
    Mount,
    Namespace,
    NetworkUse,
    PublishedPort,
)
from labkeeper.source import Mapping, Slice, Span

# Networks of podman's own, by the word before the first colon.
_BUILT_IN: Final = frozenset({"bridge", "slirp4netns", "pasta", "private", "ns", "podman"})
# In [Unit]: what else must run, and whether this fails without it.
_WAITS: Final = {"Requires": True, "BindsTo": True, "Wants": False}


def container(root: Mapping, stem: str, project: str, host: str, at: Span) -> Container:
    """What a `.container` file runs; flags in `PodmanArgs` count as podman would count them."""
    section = Section(root, "Container")
    flags = read_flags(section.words("PodmanArgs"))
    image = section.last("Image")
    ports, all_known = _ports(section)
    devices = tuple(_present(device) for device in section.all("AddDevice"))
    space = _namespace(section)
    return Container(
        key=stem,
        project=project,
        host=host,
        at=at,
        engine="podman",
        name=section.last("ContainerName") or Slice.placed(f"systemd-{stem}", at),
        image=image,
        built=image is not None and image.text.endswith((".build", ".image")),
        entrypoint=section.words("Entrypoint"),
        command=section.words("Exec"),
        environment=(*section.variables("Environment"), *flags.environment),
        ports=(*ports, *flags.ports),
        exposed=tuple(_exposed(section)),
        networks=(*_networks(section), *flags.networks),
        namespace=space or flags.namespace,
        pid_host=flags.pid_host,
        mounts=(*_mounts(section), *flags.mounts),
        devices=(*devices, *flags.devices),
        capabilities=(*section.words("AddCapability"), *flags.capabilities),
        privileged=flags.privileged,
        gpus=(*(gpu for device in devices for gpu in device_request(device)), *flags.gpus),
        memory_limit=_memory_limit(section, flags, root),
        depends_on=tuple(_dependencies(root)),
        health=_health(section),
        restart=Section(root, "Service").last("Restart"),
        user=section.last("User"),
        labels=tuple(section.variables("Label")),
        secrets=tuple(s.text.partition(",")[0] for s in section.all("Secret")),
        complete=all_known,
    )


def pod(root: Mapping, stem: str, project: str, host: str, at: Span) -> Container:
    """The container that holds a pod's network and publishes its ports."""
    section = Section(root, "Pod")
    flags = read_flags(section.words("PodmanArgs"))
    ports, all_known = _ports(section)
    return Container(
        key=f"{stem}.pod",
        project=project,
        host=host,
        at=at,
        engine="podman",
        name=section.last("PodName") or Slice.placed(f"systemd-{stem}", at),
        ports=(*ports, *flags.ports),
        networks=(*_networks(section), *flags.networks),
        namespace=Namespace("pod", stem, at),
        mounts=(*_mounts(section), *flags.mounts),
        built=True,
        complete=all_known,
    )


def _ports(section: Section) -> tuple[tuple[PublishedPort, ...], bool]:
    """The published ports, and whether all of them could be read."""
    given = section.all("PublishPort")
    found = [published_port(port) for port in given]
    known = all(found) and all(port.is_literal for port in given)
    return tuple(port for port in found if port), known


def _exposed(section: Section) -> Iterator[int]:
    for value in section.all("ExposeHostPort"):
        found = port_range(value.text.partition("/")[0])
        yield from range(found.first, found.last + 1) if found else ()


def _namespace(section: Section) -> Namespace | None:
    if in_pod := section.last("Pod"):
        return Namespace("pod", in_pod.text.removesuffix(".pod"), in_pod.span)
    for value in section.all("Network"):
        kind, _, owner = value.text.partition(":")
        if kind in {"host", "none"}:
            return Namespace("host" if kind == "host" else "none", None, value.span)
        if kind == "container" and owner:
            return Namespace("container", owner, value.span, by_name=True)
        if kind.endswith(".container"):
            return Namespace("container", kind.removesuffix(".container"), value.span)
    return None


def _networks(section: Section) -> Iterator[NetworkUse]:
    aliases = tuple(alias.text for alias in section.all("NetworkAlias"))
    for value in section.all("Network"):
        name, _, options = value.text.partition(":")
        if name in {"host", "none", "container", *_BUILT_IN} or name.endswith(".container"):
            continue
        own = tuple(o.removeprefix("alias=") for o in options.split(",") if o.startswith("alias="))
        yield NetworkUse(name.removesuffix(".network"), (*own, *aliases), value.span)


def _mounts(section: Section) -> Iterator[Mount]:
    for value in section.all("Volume"):
        mount = short_mount(value)
        if mount:
            yield mount
    for value in section.all("Mount"):
        if mount := _long_mount(value):
            yield mount
    for value in section.all("Tmpfs"):
        target = value.cut(0, len(value.text.partition(":")[0]))
        yield Mount("tmpfs", None, target, False, value.span)


def _long_mount(value: Slice) -> Mount | None:
    """`type=bind,source=/a,target=/b,ro`, as `--mount` takes it."""
    parts: dict[str, Slice] = {}
    at = 0
    for part in value.text.split(","):
        name, equals, _ = part.partition("=")
        start = at + len(name) + len(equals)
        parts[name] = value.cut(start, at + len(part))
        at += len(part) + 1
    target = parts.get("target") or parts.get("destination") or parts.get("dst")
    kind = parts["type"].text if "type" in parts else "volume"
    if target is None or kind not in {"bind", "volume", "tmpfs"}:
        return None
    read_only = next((parts[name].text for name in ("ro", "readonly") if name in parts), "false")
    return Mount(
        "bind" if kind == "bind" else "tmpfs" if kind == "tmpfs" else "volume",
        parts.get("source") or parts.get("src"),
        target,
        read_only != "false",
        value.span,
    )


def _present(device: Slice) -> Slice:
    """A device without the dash that says it need not be there."""
    return device.cut(1, len(device.text)) if device.text.startswith("-") else device


def _memory_limit(section: Section, flags: Flags, root: Mapping) -> Slice | None:
    own = section.last("Memory") or flags.memory_limit
    return own or Section(root, "Service").last("MemoryMax")


def _health(section: Section) -> HealthCheck | None:
    test = section.last("HealthCmd")
    return HealthCheck(test, test.text == "none", test.span) if test else None


def _dependencies(root: Mapping) -> Iterator[Dependency]:
    unit = Section(root, "Unit")
    for key, required in _WAITS.items():
        for word in unit.words(key):
            name, _, suffix = word.text.rpartition(".")
            if suffix in {"container", "service"} and name:
                yield Dependency(name, "started", required, word.span)
