"""A database's files are mounted where another version of its image keeps them."""

from collections.abc import Iterator, Mapping

from labkeeper.catalog import image_reference, major_version
from labkeeper.catalog.running import Path
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.images import pulled
from labkeeper.checks.view import View
from labkeeper.plan import Container, Mount


def check(view: View) -> Iterator[Fault]:
    """Containers whose image tells its version, and that have a mount for another one's files."""
    labs = {project.key for project in view.plan.projects if project.kind == "lab"}
    for container in view.plan.containers:
        service = view.reach.service(container)
        major = _major(container, in_lab=container.project in labs)
        if service is None or service.run is None or major is None:
            continue
        paths = service.run.paths
        right = [target for target, path in paths.items() if _is_kept(path) and path.is_of(major)]
        wrong = _mounted(container, paths, major)
        if len(right) != 1 or wrong is None:
            continue
        # A lab mounts the right one by itself, and what was meant for it stays empty all the same.
        if container.project in labs or not _has(container, right[0], wrong):
            unsure = container.more_variables and any(path.moved_by for path in paths.values())
            if not unsure:
                yield _fault(container, f"{service.title} {major}", right[0], wrong)


def _major(container: Container, *, in_lab: bool) -> int | None:
    """The major version of its image; in a lab, the catalog's own is as sure as a written one."""
    found = pulled(container)
    if found is None and in_lab and container.image:
        found = image_reference(container.image.text)
    return major_version(found.tag) if found else None


def _fault(container: Container, what: str, right: str, wrong: Mount) -> Fault:
    lost = "" if _has(container, right, wrong) else ", and they are gone with the container"
    return Fault(
        f"`{container.key}` is {what}, which keeps its files in `{right}`: what is mounted at "
        f"`{wrong.target.text}` stays empty{lost}",
        wrong.target.span,
        f"mount it at `{right}`; if the database has run like this, take a dump of it first",
        subject=container.key,
    )


def _is_kept(path: Path) -> bool:
    return path.since is not None or path.before is not None


def _mounted(container: Container, paths: Mapping[str, Path], major: int) -> Mount | None:
    """What is mounted at a path of another version, where no variable makes it this one's."""
    given = {variable.name for variable in container.environment}
    for mount in container.mounts:
        path = paths.get(mount.target.text.rstrip("/"))
        if path is None or not mount.target.is_literal or path.is_of(major):
            continue
        if not given.intersection(path.moved_by):
            return mount
    return None


def _has(container: Container, right: str, wrong: Mount) -> bool:
    """Whether something is mounted at the right path, or at a folder of it."""
    for mount in container.mounts:
        target = mount.target.text.rstrip("/")
        if mount is not wrong and f"{target}/".startswith(f"{right}/"):
            return True
    return False


CHECK = Check("mount-of-another-version", "error", plan=check)
