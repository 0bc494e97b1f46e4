"""What a service of the catalog has without being told: only what differs is said in a lab."""

from labkeeper.catalog import Service, image_reference
from labkeeper.draft.instance import Shown
from labkeeper.lab.path import Version
from labkeeper.source import UnreadableError


def own_paths(service: Service | None) -> frozenset[str]:
    """The paths that it keeps things at."""
    del service
    return frozenset()


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
    usual = usual_image(service)
    if usual is None or reference.digest or not reference.tag:
        return None
    repository, tag = usual
    if repository != reference.repository:
        return None
    try:
        version = Version.parse(reference.tag)
    except UnreadableError:
        return None
    written = f"v{version}" if tag.startswith("v") else str(version)
    return version if written == reference.tag else None


def usual_image(service: Service) -> tuple[str, str] | None:
    """The repository and the tag that it runs from."""
    del service
    return None
