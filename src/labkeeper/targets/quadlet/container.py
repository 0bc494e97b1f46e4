"""One `.container` file."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from labkeeper.plan import Container
from labkeeper.targets.ground import LABEL
from labkeeper.targets.images import qualified
from labkeeper.targets.quadlet import health, mounts, network
from labkeeper.targets.quadlet.keys import Version
from labkeeper.targets.quadlet.secrets import secret_settings
from labkeeper.targets.quadlet.subject import Subject
from labkeeper.targets.quadlet.unit import (
    install_section,
    service_section,
    stop_seconds,
    unit_section,
)
from labkeeper.targets.quadlet.writing import (
    Section,
    Setting,
    setting_line,
    spelled_number,
    unit_file,
)
from labkeeper.targets.systemd import word

# `User=` takes the name of a user of the image since then, before that numbers alone.
_NAMES_SINCE: Final = (4, 8)


def container_file(subject: Subject, version: Version) -> str:
    """The text of its file."""
    service = subject.service
    sections = (
        unit_section(subject, version),
        Section("Container", tuple(_lines(subject, version))),
        service_section(subject),
        install_section(service),
    )
    return unit_file(version, sections)


def _lines(subject: Subject, version: Version) -> Iterator[str]:
    """Its lines, in groups with an empty line between them."""
    first = True
    for group in _groups(subject, version):
        lines = tuple(group)
        yield from ("",) if lines and not first else ()
        yield from lines
        first = first and not lines


def _groups(subject: Subject, version: Version) -> Iterator[Iterator[str]]:
    service, container = subject.service, subject.container

    def lines(settings: Iterator[Setting]) -> Iterator[str]:
        return (setting_line(setting, version) for setting in settings)

    yield chain(lines(_identity(container, version)), _command(container))
    yield lines(_environment(container))
    yield lines(secret_settings(subject.secrets, service, container))
    yield lines(network.network_settings(container, service, version))
    yield lines(
        chain(
            mounts.configuration_settings(subject.files),
            mounts.mount_settings(container, subject.allowances),
        )
    )
    yield lines(chain(_devices(container), _limits(subject)))
    yield lines(health.health_settings(service, version, revived=subject.is_gateway))
    yield _digest(subject, version)


def _command(container: Container) -> Iterator[str]:
    if container.command:
        yield f"Exec={' '.join(word(each.text) for each in container.command)}"


def _digest(subject: Subject, version: Version) -> Iterator[str]:
    if subject.digest:
        yield f"# Differs once a file below /etc/labkeeper/{subject.service.key} does."
        yield setting_line(Setting("Label", f"{LABEL}={subject.digest}"), version)


def _identity(container: Container, version: Version) -> Iterator[Setting]:
    if container.image is not None:
        yield Setting("Image", qualified(container.image.text))
    yield Setting("ContainerName", container.key)
    if container.user is None:
        return
    user, _, group = container.user.text.partition(":")
    # Quadlet before 4.8 takes what is no number for 0, and root is.
    user = "0" if user == "root" else user
    if not user.isdigit() and version < _NAMES_SINCE:
        yield Setting("PodmanArgs", f"--user={container.user.text}")
        return
    yield Setting("User", user)
    if group:
        yield Setting("Group", group)


def _environment(container: Container) -> Iterator[Setting]:
    for variable in container.environment:
        if variable.value is not None:
            yield Setting("Environment", f"{variable.name}={variable.value.text}")


def _devices(container: Container) -> Iterator[Setting]:
    for gpu in container.gpus:
        if gpu.form == "cdi":
            yield Setting("AddDevice", gpu.value)
    for device in container.devices:
        yield Setting("AddDevice", device.text)
    for capability in container.capabilities:
        yield Setting("AddCapability", capability.text)
    if container.privileged is not None:
        yield Setting("PodmanArgs", "--privileged")
    if container.pid_host:
        yield Setting("PodmanArgs", "--pid=host")


def _limits(subject: Subject) -> Iterator[Setting]:
    service, container = subject.service, subject.container
    if service.memory is not None:
        yield Setting("Memory", _bytes(service.memory))
    if service.cpus is not None:
        yield Setting("PodmanArgs", f"--cpus={spelled_number(service.cpus)}")
    if service.shared_memory is not None:
        yield Setting("ShmSize", _bytes(service.shared_memory))
    told = any(each.name == "UMASK" for each in container.environment)
    if service.umask is not None and not told:
        yield Setting("PodmanArgs", f"--umask={service.umask:04o}")
    if (seconds := stop_seconds(subject)) is not None:
        yield Setting("StopTimeout", str(seconds))


def _bytes(count: int) -> str:
    """`2g`, in the units of 1024 that Podman counts in."""
    for letter, size in (("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)):
        if count % size == 0:
            return f"{count // size}{letter}"
    return f"{count}b"
