"""What each service becomes: a container, or a unit of its NixOS module."""

from collections.abc import Mapping
from typing import Final

from labkeeper.lab.containers import Owner
from labkeeper.lab.name import SecretReference
from labkeeper.plan import (
    Container,
    Dependency,
    GpuRequest,
    HealthCheck,
    Namespace,
    NetworkUse,
    PortRange,
    PublishedPort,
    SecretUse,
    Unit,
    Variable,
)
from labkeeper.plan.service import Folder
from labkeeper.resolve.folders import mounts
from labkeeper.resolve.hosts import engine
from labkeeper.resolve.images import image
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.listening import Inner
from labkeeper.resolve.wiring import Shown, Wiring, networks
from labkeeper.resolve.words import Meaning, Secret, filled
from labkeeper.source import Slice, Span

# https://docs.kernel.org/gpu/ : render nodes; ROCm's own device beside them.
_DEVICES: Final = {"amd": ("/dev/dri", "/dev/kfd"), "intel": ("/dev/dri",)}


def environment(
    instance: Instance, ports: tuple[Inner, ...], meaning: Mapping[str, Meaning], *, watched: bool
) -> tuple[tuple[Variable, ...], tuple[SecretUse, ...]]:
    """Its variables: the lab's own word comes before the catalog's."""
    variables: dict[str, Variable] = {}
    uses: dict[str, SecretUse] = {}

    def put(name: str, value: Meaning, at: Span) -> None:
        if isinstance(value, Secret):
            variables[name] = Variable(name, None, at)
            uses[name] = SecretUse(value.name, instance.name, instance.host, name, at)
        elif value is not None:
            uses.pop(name, None)
            variables[name] = Variable(name, instance.said(value, at), at)

    run = instance.run
    gpu = run.gpu.environment if run.gpu and uses_gpu(instance) else {}
    metrics = instance.software.metrics if watched and instance.software else None
    shown = metrics.environment if metrics else {}
    for name, text in {**run.environment, **gpu, **shown}.items():
        put(name, filled(text, meaning.get), instance.at)
    for port in ports:
        if port.moved and port.variable:
            put(port.variable, port.written.replace("@{port}", str(port.number)), instance.at)
    for label, given in instance.declared.environment.items():
        if isinstance(given, SecretReference):
            put(label.text, Secret(given.name), given.at)
        else:
            put(label.text, given.text, label.at)
    files = tuple(
        SecretUse(name.text, instance.name, instance.host, None, name.at)
        for name in instance.declared.secrets
    )
    return tuple(variables.values()), (*uses.values(), *files)


def _gpu_tag(instance: Instance) -> str:
    """What ends the tag of an image that is made for the host's card."""
    known, card = instance.run.gpu, instance.machine.gpu
    return known.tags.get(card.vendor, "") if known and card and uses_gpu(instance) else ""


def uses_gpu(instance: Instance) -> bool:
    """Whether it is given its host's graphics card."""
    said = instance.declared.gpu
    if said is not None:
        return said is not False
    needs = instance.run.gpu is not None and instance.run.gpu.use == "needs"
    there = instance.machine.gpu is not None and instance.machine.features.gpu is not False
    return instance.profile.gpu or (needs and there)


def container(
    instance: Instance, here: Mapping[str, Instance], kept: tuple[Folder, ...],
    variables: tuple[Variable, ...], wiring: Wiring,
) -> Container:  # fmt: skip
    """The container that runs a service; `here` is what its host has, by name."""
    declared, run = instance.declared, instance.run
    devices = [*run.devices, *(d.text for d in declared.devices), *_gpu_devices(instance)]
    capabilities = [*run.capabilities, *(c.text for c in declared.capabilities)]
    return Container(
        key=instance.name,
        project=instance.host,
        host=instance.host,
        at=instance.at,
        engine=engine(instance.machine),
        name=instance.said(instance.name),
        image=image(instance, _gpu_tag(instance)),
        environment=variables,
        ports=tuple(map(_published, wiring.by_container.get(instance.key, ()))),
        networks=tuple(
            NetworkUse(name, (), instance.at)
            for name in (*networks(instance), *wiring.joined.get(instance.key, ()))
        ),
        namespace=_namespace(instance),
        pid_host=run.host_processes,
        mounts=mounts(instance, kept),
        devices=tuple(instance.said(d) for d in dict.fromkeys(devices)),
        capabilities=tuple(instance.said(c) for c in dict.fromkeys(capabilities)),
        privileged=instance.at if run.privileged else None,
        gpus=_gpus(instance),
        memory_limit=instance.said(str(instance.memory)) if instance.memory else None,
        depends_on=_dependencies(instance, here),
        health=_health(instance),
        user=_user(instance),
        secrets=tuple(name.text for name in declared.secrets),
        extra_hosts=_extra_hosts(instance),
        security=(),
        complete=True,
    )


def arguments(instance: Instance, meaning: Mapping[str, Meaning]) -> tuple[Slice, ...]:
    """What its program is started with; what a word says nothing for is left out."""
    found = (filled(text, meaning.get) for text in instance.run.command)
    known = (text for text in found if isinstance(text, str))
    return tuple(map(instance.said, instance.declared.command or known))


def unit(instance: Instance, started_by: str = "multi-user.target") -> Unit:
    """The unit of a service that its NixOS module runs."""
    return Unit(unit_name(instance), instance.host, instance.at, "service", (started_by,))


def unit_name(instance: Instance) -> str:
    """The systemd unit that runs it."""
    if instance.native and instance.software and instance.software.nixos:
        return instance.software.nixos.unit
    # NixOS' oci-containers put the engine before the name.
    prefix = f"{engine(instance.machine)}-" if instance.machine.target == "nixos" else ""
    return f"{prefix}{instance.name}.service"


def _user(instance: Instance) -> Slice | None:
    """Whom the engine runs it as, where the engine is who has to know."""
    owner = instance.declared.user or instance.profile.user
    if owner and (instance.software is None or instance.run.runs_as == "user"):
        return instance.said(str(owner))
    return instance.said(instance.run.user) if instance.run.user else None


def owner(instance: Instance) -> tuple[int, int] | None:
    """Whose its state has to be; what starts as root hands it on by itself."""
    said, run = instance.declared.user or instance.profile.user, instance.run
    if instance.native:
        return None
    if said and (instance.software is None or run.runs_as != "image"):
        return said.user, said.group
    stated = run.user or run.image_user
    numbers = Owner.parse(stated) if stated and stated[0].isdigit() else None
    return (numbers.user, numbers.group) if numbers else None


def _published(shown: Shown) -> PublishedPort:
    host = PortRange(shown.host_port, shown.host_port)
    inner = PortRange(shown.inner, shown.inner)
    return PublishedPort(shown.address, host, inner, shown.protocol, shown.at)


def _namespace(instance: Instance) -> Namespace | None:
    if instance.through:
        return Namespace("container", instance.through, instance.at)
    shared = instance.on_host or instance.run.host_network
    return Namespace("host", None, instance.at) if shared else None


def _gpus(instance: Instance) -> tuple[GpuRequest, ...]:
    card = instance.machine.gpu
    if not uses_gpu(instance) or card is None or card.vendor != "nvidia":
        return ()
    if engine(instance.machine) == "docker":
        return (GpuRequest("reservation", "nvidia", instance.at),)
    return (GpuRequest("cdi", "nvidia.com/gpu=all", instance.at),)


def _gpu_devices(instance: Instance) -> tuple[str, ...]:
    card = instance.machine.gpu
    if not uses_gpu(instance) or card is None:
        return ()
    return _DEVICES.get(card.vendor, ())


def _dependencies(instance: Instance, here: Mapping[str, Instance]) -> tuple[Dependency, ...]:
    found = [(after.text, after.at) for after in instance.declared.after]
    if instance.through:
        found.append((instance.through, instance.at))
    return tuple(
        Dependency(name, "healthy" if has_health(here[name]) else "started", True, at)
        for name, at in dict(found).items()
        if name in here and not here[name].native
    )


def has_health(instance: Instance) -> bool:
    """Whether its engine can tell that it works: by a command in it, or as its image says.

    What only answers from outside is asked from outside, and nothing can wait for that.
    """
    stated, known = instance.declared.health, instance.run.health
    if stated:
        return bool(stated.command)
    if known and (known.command or known.client):
        return True
    if instance.declared.image or not instance.software:
        return False
    image_ = instance.software.images.get(instance.run.image)
    return bool(image_ and image_.health_check)


def _health(instance: Instance) -> HealthCheck | None:
    stated = instance.declared.health
    if stated is None and instance.run.health is None:
        return None
    return HealthCheck(None, False, stated.at if stated else instance.at)


def _extra_hosts(instance: Instance) -> tuple[tuple[str, str], ...]:
    # Docker on Linux knows the name only where it is given; Podman always does.
    docker = engine(instance.machine) == "docker" and not instance.in_host_network
    return (("host.docker.internal", "host-gateway"),) if docker and not instance.through else ()
