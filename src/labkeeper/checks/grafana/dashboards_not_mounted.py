"""Grafana is told to load dashboards from a folder that its container does not get."""

import posixpath
from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.dashboards import inside, is_below, is_grafana, outside
from labkeeper.checks.view import View
from labkeeper.plan import Container, DashboardProvider
from labkeeper.source import Related, Severity


def check(view: View) -> Iterator[Fault]:
    """Providers whose path no mount of the Grafana that reads them brings in."""
    for container in view.plan.containers:
        if not is_grafana(container) or container.built or not container.complete:
            continue
        for provider in view.plan.providers:
            if provider.path is None or not provider.path.is_literal:
                continue
            if any(inside(container, provider.at.file)):
                yield from _provider(view, container, provider, provider.path.text)


def _provider(
    view: View, container: Container, provider: DashboardProvider, written: str
) -> Iterator[Fault]:
    path = posixpath.normpath(written)
    severity = _severity(view, container, path)
    if severity is None or not path.startswith("/"):
        return
    missing = "nothing" if severity == "error" else "none of the dashboards here"
    yield Fault(
        f"Grafana is told to load dashboards from `{written}`, and {missing} is mounted there",
        provider.at,
        _help(view, container, path),
        (Related(f"the mounts of `{container.key}`", container.at),),
        subject=path,
        severity=severity,
    )


def _severity(view: View, container: Container, path: str) -> Severity | None:
    """How sure it is that the folder is missing or empty; none where it may well be filled."""
    above = []
    for mount in container.mounts:
        target = posixpath.normpath(mount.target.text)
        if not mount.target.is_literal or is_below(target, path):
            return None
        if is_below(path, target):
            above.append((target, mount))
    if not above:
        return "error"
    target, mount = max(above, key=lambda found: len(found[0]))
    if mount.kind == "volume" and view.plan.dashboards:
        # Somebody may have copied files into the volume, but here they lie beside it.
        lying = [d for d in view.plan.dashboards if not d.embedded]
        carried = any(any(inside(container, d.file)) for d in lying)
        return "warning" if lying and not carried else None
    outer = outside(mount)
    if outer is None:
        return None
    there = posixpath.normpath(posixpath.join(outer, posixpath.relpath(path, target)))
    return None if view.exists("", there) or not view.exists("", outer) else "error"


def _help(view: View, container: Container, path: str) -> str:
    folders = sorted({d.folder for d in view.plan.dashboards if not d.embedded and d.folder})
    base = posixpath.dirname(container.at.file)
    if len(folders) != 1:
        return f"mount the folder that holds them: `./dashboards:{path}:ro`"
    source = posixpath.relpath(folders[0], base or ".")
    source = source if source.startswith("..") else f"./{source}"
    return f"add to the volumes of `{container.key}`: `{source}:{path}:ro`"


CHECK = Check("dashboards-not-mounted", "error", plan=check)
