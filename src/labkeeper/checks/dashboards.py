"""Which dashboards which Grafana loads from files: the join of providers, mounts and folders."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import image_reference
from labkeeper.plan import Container, Dashboard, DashboardProvider, Mount, Plan
from labkeeper.values import dataclass

_IMAGES: Final = frozenset({"grafana", "grafana-oss", "grafana-enterprise"})


@dataclass(frozen=True, slots=True)
class Loading:
    """A dashboard's file that a provider loads; `sure` where mounts show it, not names alone."""

    dashboard: Dashboard
    provider: DashboardProvider
    # The container, or the folder that is all of it that names tell.
    grafana: str
    sure: bool

    @property
    def folder(self) -> str:
        """Grafana's folder that the dashboard gets into."""
        if not self.provider.nested:
            return self.provider.folder
        # Grafana names the folder after the directory that the file is in
        # (grafana, pkg/services/provisioning/dashboards/file_reader.go).
        return posixpath.basename(self.dashboard.folder)


def is_grafana(container: Container) -> bool:
    """Whether a container's image is Grafana's own, whoever packs it."""
    if container.image is None or not container.image.is_literal:
        return False
    return image_reference(container.image.text).repository.rsplit("/", 1)[-1] in _IMAGES


def inside(container: Container, file: str) -> Iterator[str]:
    """Where a file of the stack is found inside a container."""
    for mount in container.mounts:
        outer = outside(mount)
        if outer is None:
            continue
        if outer in (file, "."):
            rest = "" if outer == file else file
        elif file.startswith(f"{outer}/"):
            rest = file[len(outer) + 1 :]
        else:
            continue
        yield posixpath.normpath(posixpath.join(mount.target.text, rest))


def outside(mount: Mount) -> str | None:
    """The stack's path that a mount brings in; none where it lies elsewhere or is not known."""
    source = mount.source
    if mount.kind != "bind" or source is None or not source.is_literal:
        return None
    if not source.text.startswith("."):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(mount.at.file), source.text))


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or something in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def loadings(plan: Plan) -> tuple[Loading, ...]:
    """Every dashboard's file with every provider that loads it."""
    return tuple(_loadings(plan))


def _loadings(plan: Plan) -> Iterator[Loading]:
    grafanas = [container for container in plan.containers if is_grafana(container)]
    files = [d for d in plan.dashboards if not d.embedded and d.file.endswith(".json")]
    for dashboard in files:
        alike: list[DashboardProvider] = []
        known = False
        for provider in plan.providers:
            if provider.path is None or not provider.path.is_literal:
                continue
            path = posixpath.normpath(provider.path.text)
            readers = [g for g in grafanas if any(inside(g, provider.at.file))]
            for container in readers:
                if any(is_below(p, path) for p in inside(container, dashboard.file)):
                    known = True
                    yield Loading(dashboard, provider, f"{container.project}/{container.key}", True)
            if not _elsewhere(readers, path) and _alike(provider, path, dashboard):
                alike.append(provider)
        if alike and not known:
            yield _nearest(dashboard, alike)


def _nearest(dashboard: Dashboard, providers: list[DashboardProvider]) -> Loading:
    """Of providers whose names fit, the one of the same stack; a repository can hold several."""
    shared = {
        provider: posixpath.commonpath([f"/{dashboard.file}", f"/{provider.at.file}"])
        for provider in providers
    }
    nearest = max(providers, key=lambda provider: len(shared[provider]))
    return Loading(dashboard, nearest, shared[nearest], False)


def _elsewhere(readers: list[Container], path: str) -> bool:
    """Whether mounts show what the provider loads, so that names need not be asked."""
    return any(
        is_below(path, posixpath.normpath(mount.target.text)) and outside(mount) is not None
        for container in readers
        for mount in container.mounts
    )


def _alike(provider: DashboardProvider, path: str, dashboard: Dashboard) -> bool:
    """Whether the file lies beside the provider's, or in a folder called as the provider's is."""
    beside = posixpath.dirname(provider.at.file)
    if dashboard.folder == beside and provider.at.file.endswith((".yaml", ".yml")):
        return True
    return posixpath.basename(path) in dashboard.folder.split("/")
