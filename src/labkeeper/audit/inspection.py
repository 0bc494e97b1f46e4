"""What `podman inspect` and `docker inspect` say of containers, to the Plan."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from labkeeper.audit.engine_syntax import port_range
from labkeeper.audit.flags import read_variable
from labkeeper.audit.folder import Folder
from labkeeper.plan import (
    Container,
    GpuRequest,
    HealthCheck,
    Mount,
    Namespace,
    Network,
    NetworkUse,
    Plan,
    Project,
    PublishedPort,
    Variable,
)
from labkeeper.plan.container import Engine, MountKind, Protocol
from labkeeper.source import Document, Mapping, Scalar, Sequence, Slice
from labkeeper.values import regex

# Containers on these do not see each other by name (docker-run(1), podman-network(1)).
_NAMELESS: Final = frozenset({"podman", "bridge", "host", "none"})
_GONE: Final = frozenset({"exited", "dead", "removing", "stopped"})
_KINDS: Final[dict[str, MountKind]] = {"bind": "bind", "volume": "volume", "tmpfs": "tmpfs"}
_PROTOCOLS: Final[dict[str, Protocol]] = {"tcp": "tcp", "udp": "udp", "sctp": "sctp"}
_CALLED: Final = regex(
    r'"Id":\s*"(?P<id>[0-9a-f]{64})".*?\n\s*"Name":\s*"/?(?P<name>[^"\n]+)"', re.DOTALL
)


def read_inspect(document: Document, folder: Folder) -> Plan:
    """The containers of an inspection that run, or are about to."""
    root = document.root
    items = root.items if isinstance(root, Sequence) else []
    trees = [item for item in items if isinstance(item, Mapping)]
    found = [c for tree in trees if (c := _container(tree, document, folder))]
    networks = [n for tree in trees if (n := _network(tree))]
    projects = {c.project: Project(c.project, "", document.file, "running") for c in found}
    return Plan(
        projects=tuple(projects.values()), containers=tuple(found), networks=tuple(networks)
    )


def _container(tree: Mapping, document: Document, folder: Folder) -> Container | None:
    name, state = tree.scalar("Name"), tree.mapping("State")
    config, host = _part(tree, "Config"), _part(tree, "HostConfig")
    status = state.scalar("Status") if state else None
    if name is None or not name.value.strip("/") or (status and status.value in _GONE):
        return None
    called = name.text.cut(len(name.value) - len(name.value.lstrip("/")), len(name.value))
    engine: Engine = "podman" if "ImageName" in tree else "docker"
    image = tree.scalar("ImageName") or config.scalar("Image")
    restart = _part(host, "RestartPolicy").scalar("Name")
    memory, user = host.scalar("Memory"), config.scalar("User")
    pid, privileged = host.scalar("PidMode"), host.scalar("Privileged")
    return Container(
        key=called.text,
        project=f"running:{engine}",
        host="",
        at=name.span,
        engine=engine,
        name=called,
        image=image.text if image and image.value else None,
        command=tuple(word.text for word in config.scalars("Cmd")),
        environment=tuple(
            # Nobody can tell any more whether it came from a file or a secret.
            replace(read_variable(v.text), origin="file")
            for v in config.scalars("Env")
        ),
        ports=tuple(_ports(_part(host, "PortBindings"))),
        networks=tuple(_networks(tree)),
        namespace=_namespace(host, document, folder),
        pid_host=bool(pid and pid.value == "host"),
        mounts=tuple(_mounts(tree, host)),
        devices=tuple(_devices(host)),
        capabilities=tuple(name.text for name in host.scalars("CapAdd")),
        privileged=privileged.span if privileged and privileged.value == "true" else None,
        gpus=tuple(_gpus(host)),
        memory_limit=memory.text if memory and memory.value not in {"0", "null"} else None,
        health=_health(config),
        restart=restart.text if restart and restart.value not in {"", "no"} else None,
        user=user.text if user and user.value else None,
        labels=tuple(_labels(config)),
        extra_hosts=tuple(_extra_hosts(host)),
        security=tuple(option.text for option in host.scalars("SecurityOpt")),
    )


def _part(tree: Mapping, name: str) -> Mapping:
    """The mapping at a name; an empty one where there is none."""
    return tree.mapping(name) or Mapping(tree.source, tree.start, tree.end, [])


def _ports(bindings: Mapping) -> Iterator[PublishedPort]:
    for key, given in bindings.pairs:
        number, _, protocol = key.value.partition("/")
        container = port_range(number)
        if container is None or not isinstance(given, Sequence):
            continue
        for item in given.items:
            if isinstance(item, Mapping):
                address, port = item.scalar("HostIp"), item.scalar("HostPort")
                yield PublishedPort(
                    address.value or None if address else None,
                    port_range(port.value) if port else None,
                    container,
                    _PROTOCOLS.get(protocol, "tcp"),
                    port.span if port else key.span,
                )


def _networks(tree: Mapping) -> Iterator[NetworkUse]:
    for key, given in _part(_part(tree, "NetworkSettings"), "Networks").pairs:
        if key.value not in _NAMELESS:
            aliases = given.scalars("Aliases") if isinstance(given, Mapping) else []
            yield NetworkUse(key.value, tuple(alias.value for alias in aliases), key.span)


def _namespace(host: Mapping, document: Document, folder: Folder) -> Namespace | None:
    mode = host.scalar("NetworkMode")
    kind, _, owner = mode.value.partition(":") if mode else ("", "", "")
    if mode is None or kind not in {"host", "none", "container"}:
        return None
    if kind == "container":
        name = _called(owner, document, folder)
        return Namespace("container", name or owner, mode.span, by_name=True)
    return Namespace("host" if kind == "host" else "none", None, mode.span)


def _called(identity: str, document: Document, folder: Folder) -> str | None:
    """The name of the container that has an identity."""
    for text in (document.source.text, *folder.texts.values()):
        if identity in text:
            for found in _CALLED.finditer(text):
                if found["id"] == identity:
                    return found["name"]
    return None


def _mounts(tree: Mapping, host: Mapping) -> Iterator[Mount]:
    for item in tree.mappings("Mounts"):
        kind, target, writable = item.scalar("Type"), item.scalar("Destination"), item.scalar("RW")
        known = _KINDS.get(kind.value) if kind else None
        if known and target:
            source = item.scalar("Name" if known == "volume" else "Source")
            yield Mount(
                known,
                source.text if source else None,
                target.text,
                read_only=bool(writable and writable.value == "false"),
                at=source.span if source else target.span,
                options=tuple(option.value for option in item.scalars("Options")),
            )
    for target, _ in _part(host, "Tmpfs").pairs:
        yield Mount("tmpfs", None, target.text, read_only=False, at=target.span)


def _devices(host: Mapping) -> Iterator[Slice]:
    for item in host.mappings("Devices"):
        if path := item.scalar("PathOnHost"):
            yield path.text


def _gpus(host: Mapping) -> Iterator[GpuRequest]:
    for device in _devices(host):
        if re.fullmatch(r"/dev/nvidia\d+", device.text):
            yield GpuRequest("device", device.text, device.span)
    for request in host.mappings("DeviceRequests"):
        if (driver := request.scalar("Driver")) and driver.value in {"nvidia", "cdi"}:
            yield GpuRequest("cdi" if driver.value == "cdi" else "gpus-flag", "all", request.span)
    runtime = host.scalar("Runtime")
    if runtime and runtime.value == "nvidia":
        yield GpuRequest("runtime", "nvidia", runtime.span)


def _health(config: Mapping) -> HealthCheck | None:
    given = config.mapping("Healthcheck") or config.mapping("Health")
    test = given.scalars("Test") if given else []
    if given is None or not test:
        return None
    return HealthCheck(test[-1].text, test[0].value == "NONE", given.span)


def _labels(config: Mapping) -> Iterator[Variable]:
    for key, value in _part(config, "Labels").pairs:
        if isinstance(value, Scalar):
            yield Variable(key.value, value.text, key.span)


def _extra_hosts(host: Mapping) -> Iterator[tuple[str, str]]:
    for item in host.scalars("ExtraHosts"):
        name, _, address = item.value.partition(":")
        yield name, address


def _network(tree: Mapping) -> Network | None:
    """An entry of `podman network inspect` or `docker network inspect`."""
    name, internal = tree.scalar("name") or tree.scalar("Name"), None
    internal = tree.scalar("internal") or tree.scalar("Internal")
    if name is None or internal is None:
        return None
    engine = "podman" if "name" in tree else "docker"
    closed = internal.value == "true"
    return Network(name.value, f"running:{engine}", "", name.span, name=name.value, internal=closed)


def made_by(container: Container) -> str | None:
    """Which file makes a container, as its labels tell: Compose's, or those of Quadlet."""
    labels = {label.name: label.value.text for label in container.labels if label.value}
    # docs.docker.com/compose: the labels that Compose gives; podman-compose gives them, too.
    files = labels.get("com.docker.compose.project.config_files")
    service = labels.get("com.docker.compose.service")
    if files and service:
        return f"the service `{service}` of {files.split(',')[0]}"
    # podman-systemd.unit(5), podman-auto-update(1).
    unit = labels.get("PODMAN_SYSTEMD_UNIT")
    return f"the unit `{unit}` (`systemctl cat {unit}`)" if unit else None
