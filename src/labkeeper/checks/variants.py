"""Which projects describe the same thing twice: development and production, a guide and its files.

They never run together, so what one of them claims is no clash with the other.
"""

import posixpath
from collections.abc import Iterable

from labkeeper.catalog import image_reference
from labkeeper.plan import Container, Project


def are_variants(
    project: Project, containers: Iterable[Container], other: Project, others: Iterable[Container]
) -> bool:
    """Whether two projects are two forms of one."""
    if project.key == other.key:
        return False
    if not set(project.files).isdisjoint(other.files):
        return True
    mine = {each.key: _repository(each) for each in containers}
    theirs = {each.key: _repository(each) for each in others}
    shared = mine.keys() & theirs.keys()
    if _is_fragment(project) or _is_fragment(other) or _beside(project, other):
        return bool(shared)
    # `db` and `redis` are in every second stack: elsewhere it takes most of them, image and all.
    same = sum(1 for key in shared if mine[key] == theirs[key])
    return 2 * same > min(len(mine), len(theirs))


def _repository(container: Container) -> str:
    return image_reference(container.image.text).repository if container.image else ""


def _is_fragment(project: Project) -> bool:
    """Whether it is a part of a guide, which shows again and again what it speaks of."""
    return project.kind in {"compose", "quadlet"} and not project.files


def _beside(project: Project, other: Project) -> bool:
    return posixpath.dirname(project.file) == posixpath.dirname(other.file)
