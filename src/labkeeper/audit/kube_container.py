"""One container of a pod in Kubernetes' YAML, as podman runs it."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.engine_syntax import port_range, published_port
from labkeeper.plan import (
    Container,
    GpuRequest,
    HealthCheck,
    Mount,
    Namespace,
    NetworkUse,
    PublishedPort,
    Variable,
)
from labkeeper.plan.container import Protocol
from labkeeper.source import Mapping, Scalar, Slice
from labkeeper.values import dataclass

# The network that podman makes for what it plays, unless it is told another one.
DEFAULT_NETWORK: Final = "podman-default-kube-network"
_PROTOCOLS: Final[dict[str, Protocol]] = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
_GPUS: Final = ("nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/")


@dataclass(frozen=True, slots=True)
class Pod:
    """What the containers of a pod share; `networks` and `ports` are those of its `.kube` unit."""

    name: str
    spec: Mapping
    project: str
    host: str
    networks: tuple[Slice, ...] = ()
    ports: tuple[Slice, ...] = ()
    # Whether every port of a container is one of the host's, and names go without the pod's.
    all_published: bool = False
    bare_names: bool = False


def kube_container(tree: Mapping, pod: Pod) -> Container:
    """The container, under the name that podman gives it."""
    called, image = tree.scalar("name"), tree.scalar("image")
    security, limits = _part(tree, "securityContext"), _part(_part(tree, "resources"), "limits")
    name = called.value if called else ""
    at = called.span if called else tree.span
    shared = _says(pod.spec, "hostNetwork")
    privileged, memory = security.scalar("privileged"), limits.scalar("memory")
    user, restart = security.scalar("runAsUser"), pod.spec.scalar("restartPolicy")
    ports, all_known = _ports(tree, pod)
    full = name if pod.bare_names else f"{pod.name}-{name}"
    return Container(
        key=full,
        project=pod.project,
        host=pod.host,
        at=at,
        engine="podman",
        name=Slice.placed(full, at),
        image=image.text if image and not image.is_null else None,
        entrypoint=tuple(word.text for word in tree.scalars("command")),
        command=tuple(word.text for word in tree.scalars("args")),
        environment=tuple(_environment(tree)),
        # On the host's network nothing needs to be led to it.
        ports=() if shared else tuple(ports),
        exposed=tuple(_exposed(tree)),
        # libpod's play.go: both names lead to the pod's one address.
        networks=() if shared else tuple(_networks(pod, tree, name)),
        namespace=Namespace("host" if shared else "pod", None if shared else pod.name, at),
        pid_host=_says(pod.spec, "hostPID"),
        mounts=tuple(_mounts(tree, pod.spec)),
        capabilities=tuple(w.text for w in _part(security, "capabilities").scalars("add")),
        privileged=privileged.span if privileged and privileged.truth else None,
        gpus=tuple(_gpus(limits)),
        memory_limit=memory.text if memory else None,
        health=_health(tree),
        restart=restart.text if restart else None,
        user=user.text if user else None,
        extra_hosts=tuple(_extra_hosts(pod.spec)),
        # Variables may come from a ConfigMap as a whole.
        complete=all_known and "envFrom" not in tree,
    )


def _part(tree: Mapping, name: str) -> Mapping:
    return tree.mapping(name) or Mapping(tree.source, tree.start, tree.end, [])


def _says(tree: Mapping, name: str) -> bool:
    value = tree.scalar(name)
    return bool(value and value.truth)


def _environment(tree: Mapping) -> Iterator[Variable]:
    for item in tree.mappings("env"):
        name, value = item.scalar("name"), item.scalar("value")
        if name:
            # `valueFrom:` takes it from a Secret or a ConfigMap.
            yield Variable(name.value, value.text if value else None, name.span)


def _ports(tree: Mapping, pod: Pod) -> tuple[list[PublishedPort], bool]:
    found: list[PublishedPort] = []
    for item in tree.mappings("ports"):
        inner, outer = item.scalar("containerPort"), item.scalar("hostPort")
        protocol, address = item.scalar("protocol"), item.scalar("hostIP")
        told = outer or (inner if pod.all_published else None)
        host = port_range(told.value) if told else None
        container = port_range(inner.value) if inner else host
        kind = _PROTOCOLS.get(protocol.value.upper() if protocol else "TCP")
        if told and host and container and kind:
            where = address.value if address and not address.is_null else None
            found.append(PublishedPort(where, host, container, kind, told.span))
    first = next(iter(pod.spec.mappings("containers")), None)
    given = [published_port(text) for text in pod.ports] if first is tree else []
    return [*found, *(port for port in given if port)], all(given)


def _exposed(tree: Mapping) -> Iterator[int]:
    for item in tree.mappings("ports"):
        inner = item.scalar("containerPort")
        if inner and (found := port_range(inner.value)):
            yield found.first


def _networks(pod: Pod, tree: Mapping, name: str) -> Iterator[NetworkUse]:
    names = [(text.text.partition(":")[0], text.span) for text in pod.networks]
    for network, at in names or [(DEFAULT_NETWORK, tree.span)]:
        yield NetworkUse(network.removesuffix(".network"), (name, pod.name), at)


def _mounts(tree: Mapping, spec: Mapping) -> Iterator[Mount]:
    volumes = {name.value: volume for volume in spec.mappings("volumes")
               if (name := volume.scalar("name"))}  # fmt: skip
    for item in tree.mappings("volumeMounts"):
        name, target = item.scalar("name"), item.scalar("mountPath")
        if name is None or target is None:
            continue
        inside = target.text.cut(0, len(target.value.partition(":")[0]))
        yield _mount(volumes.get(name.value), inside, read_only=_says(item, "readOnly"))


def _mount(volume: Mapping | None, target: Slice, *, read_only: bool) -> Mount:
    folder = _part(volume, "hostPath").scalar("path") if volume else None
    if folder and volume:
        kind = _part(volume, "hostPath").scalar("type")
        options = ("or-create",) if kind and kind.value.endswith("OrCreate") else ()
        return Mount("bind", folder.text, target, read_only, folder.span, options)
    claim = _part(volume, "persistentVolumeClaim").scalar("claimName") if volume else None
    if claim:
        return Mount("volume", claim.text, target, read_only, claim.span)
    for source in ("configMap", "secret"):
        if volume and source in volume:
            return Mount("volume", None, target, read_only=True, at=target.span, options=(source,))
    medium = _part(volume, "emptyDir").scalar("medium") if volume else None
    in_memory = medium is not None and medium.value == "Memory"
    return Mount("tmpfs" if in_memory else "volume", None, target, read_only, target.span)


def _gpus(limits: Mapping) -> Iterator[GpuRequest]:
    for key, _ in limits.pairs:
        if key.value.startswith(_GPUS):
            # Since podman 5.0 `nvidia.com/gpu=all: 1` is a device of the CDI.
            yield GpuRequest("cdi", key.value, key.span)


def _health(tree: Mapping) -> HealthCheck | None:
    probe = tree.mapping("livenessProbe")
    if probe is None:
        return None
    words = _part(probe, "exec").scalars("command")
    return HealthCheck(words[-1].text if words else None, disabled=False, at=probe.span)


def _extra_hosts(spec: Mapping) -> Iterator[tuple[str, str]]:
    for item in spec.mappings("hostAliases"):
        address = item.scalar("ip")
        for name in item.scalars("hostnames"):
            if isinstance(address, Scalar):
                yield name.value, address.value
