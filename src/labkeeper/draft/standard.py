"""What a service of the catalog has without being told: only what differs is said in a lab."""

from collections.abc import Mapping

from labkeeper.catalog import Service, image_reference
from labkeeper.draft.instance import Shown
from labkeeper.lab.path import Version
from labkeeper.source import UnreadableError


def usual_paths(service: Service | None, image: str | None) -> frozenset[str]:
    """The paths that it keeps things at without being told where."""
    if service is None or service.run is None:
        return frozenset()
    run = service.run.of(image_reference(image).tag if image else None)
    return frozenset(target for target, path in run.paths.items() if path.default)


def path_of_version(target: str, service: Service | None, image: str | None) -> str:
    """The path that stands for one which only another version of the image has."""
    run = service.run if service else None
    known = run.paths.get(target) if run else None
    if run is None or known is None:
        return target
    now = run.of(image_reference(image).tag if image else None).paths
    same = [path for path, other in now.items() if other.purpose == known.purpose]
    return same[0] if target not in now and len(same) == 1 else target


def usual_environment(service: Service | None) -> Mapping[str, str]:
    """The variables that it is given anyway."""
    return service.run.environment if service and service.run else {}


def usual_command(service: Service | None) -> tuple[str, ...]:
    """What it is started with anyway."""
    return service.run.command if service and service.run else ()


def usual_needs(service: Service | None) -> frozenset[str]:
    """Devices and capabilities that it is given anyway."""
    run = service.run if service else None
    return frozenset((*run.devices, *run.capabilities)) if run else frozenset()


def is_usual_port(service: Service | None, shown: Shown) -> bool:
    """Whether a port is shown where the catalog would show it."""
    if service is None or shown.address is not None or shown.host != shown.container:
        return False
    return any(
        port.default and port.number == shown.container and port.protocol == shown.protocol
        for port in service.ports
    )


def version_of(service: Service, image: str) -> Version | None:
    """The version that a lab has to name to get this image; none where it must name the image."""
    reference = image_reference(image)
    run = service.run
    if run is None or reference.digest or not reference.tag:
        return None
    if image_reference(run.image).repository != reference.repository:
        return None
    try:
        version = Version.parse(reference.tag)
    except UnreadableError:
        return None
    written = f"v{version}" if run.tag.startswith("v") else str(version)
    return version if written == reference.tag else None
