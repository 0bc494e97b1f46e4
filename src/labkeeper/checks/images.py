"""What checks ask of a container's image."""

from labkeeper.catalog import Reference, image_reference
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Edit, Fix, Slice

# podman builds and loads images under this name, and Quadlet names its own units as images.
_LOCAL = ("localhost/", "sha256:", "docker-archive:", "oci-archive:", "/")
_UNITS = (".image", ".build")


def is_verbatim(text: Slice) -> bool:
    """Whether it stands in the file as it is, with nothing filled in that could be otherwise."""
    return text.is_literal and text.span.end - text.span.start == len(text.text)


def pulled(container: Container) -> Reference | None:
    """The image that a container is pulled from; none where it is built here or not known."""
    image = container.image
    if image is None or container.built or not is_verbatim(image):
        return None
    if image.text.startswith(_LOCAL) or image.text.endswith(_UNITS) or not image.text.strip():
        return None
    return image_reference(image.text)


def pinning(view: View, container: Container) -> Fix | None:
    """Puts the tag that somebody gave for the image in the place of the one that floats."""
    found, image = pulled(container), container.image
    tag = view.pins.get(found.repository) if found else None
    if found is None or image is None or tag is None:
        return None
    if found.tag not in {None, "latest"} and found.tag not in tag:
        # `alpine` and `bookworm` sort text differently, which a database's indexes do not survive.
        return None
    bare = image.text.removesuffix(f":{found.tag}") if found.tag else image.text
    new = f"{bare}:{tag}"
    return Fix(f"write `{new}`", (Edit(image.span, new, image.text),))
