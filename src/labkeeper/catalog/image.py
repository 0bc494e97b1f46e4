"""Names of container images, taken apart and brought to one spelling."""

from typing import Final

from labkeeper.values import dataclass, regex

# Other addresses of the same repositories. linuxserver.io's own documentation calls lscr.io a
# redirect, and publishes each image on ghcr.io and Docker Hub too.
_SAME = (
    ("docker.io/library/", ""),
    ("index.docker.io/library/", ""),
    ("docker.io/", ""),
    ("index.docker.io/", ""),
    ("library/", ""),
    ("lscr.io/linuxserver/", "linuxserver/"),
    ("ghcr.io/linuxserver/", "linuxserver/"),
)
# `18.1-alpine`, `v2.1`; pgvector and its like write `pg17`.
_MAJOR: Final = regex(r"(?:v|pg)?([0-9]+)(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Reference:
    """An image as it is asked for; `repository` without Docker Hub's address."""

    repository: str
    tag: str | None
    digest: str | None


def image_reference(text: str) -> Reference:
    """The parts of `registry:5000/team/app:1.2@sha256:...`."""
    rest, _, digest = text.removeprefix("docker://").partition("@")
    head, colon, tag = rest.rpartition(":")
    # A colon before a slash belongs to the registry's port.
    repository = head if colon and "/" not in tag else rest
    for other, own in _SAME:
        if repository.startswith(other):
            repository = own + repository.removeprefix(other)
            break
    return Reference(repository, tag if head and "/" not in tag else None, digest or None)


def major_version(tag: str | None) -> int | None:
    """The number that a tag's version begins with."""
    found = _MAJOR.match(tag) if tag else None
    return int(found[1]) if found else None
