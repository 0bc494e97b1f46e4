"""Loading a compose project: variables filled in, `extends` and `include` followed, files merged.

The order is compose-go's: each file is interpolated, its services get what they extend, the next
file is laid over it, and what the result includes comes last and gives way to it.
"""

from dataclasses import field
from typing import Final

from labkeeper.audit.compose_files import included, tree_of, variables_beside, variables_of
from labkeeper.audit.compose_merge import merged_files, merged_service
from labkeeper.audit.folder import Folder
from labkeeper.audit.interpolation import Known, filled_tree
from labkeeper.plan import Missing
from labkeeper.source import Mapping, Node, Scalar
from labkeeper.values import dataclass

_MOST_FILES: Final = 100
_SHARED: Final = frozenset({"services", "networks", "volumes", "secrets", "configs", "models"})


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The services of one file, among which a name in it is looked for."""

    path: str
    services: Mapping
    known: Known


@dataclass(slots=True)
class Loading:
    """One project being put together."""

    folder: Folder
    files: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    # Whether a part of it could not be read, so that not all of it is known.
    is_open: bool = False

    def project(self, path: str, root: Mapping, over: tuple[str, ...]) -> Mapping:
        """The whole of a project that starts at `path`."""
        return self._layers(path, root, over, variables_beside(self.folder, path), frozenset())

    def fragment(self, path: str, root: Mapping) -> Mapping:
        """A project that is only a part of another text, with no files beside it."""
        self.is_open = True
        return self._file(path, root, {})

    def _layers(
        self, path: str, root: Mapping, over: tuple[str, ...], known: Known, above: frozenset[str]
    ) -> Mapping:
        self.files.append(path)
        merged = self._file(path, root, known)
        for name in over:
            layer = tree_of(self.folder, name)
            if layer is None:
                self.is_open = True
                continue
            self.files.append(name)
            merged = merged_files(merged, self._file(name, layer, known))
        for paths, settings in included(merged):
            below = self._included(paths, settings, known, above | {path})
            if below is not None:
                merged = merged_files(below, merged)
        return merged

    def _included(
        self, paths: tuple[Scalar, ...], settings: Mapping | None, known: Known,
        above: frozenset[str],
    ) -> Mapping | None:  # fmt: skip
        first, *others = (self.folder.beside(p.span.file, p.value) for p in paths)
        root = tree_of(self.folder, first)
        if root is None or first in above or len(self.files) >= _MOST_FILES:
            self.is_open = True
            return None
        files = settings.scalars("env_file") if settings else []
        own = variables_beside(self.folder, first) if not files else {}
        for file in files:
            own |= variables_of(self.folder, self.folder.beside(file.span.file, file.value))
        merged = self._layers(first, root, tuple(others), {**own, **known}, above)
        pairs = [pair for pair in merged.pairs if pair[0].value in _SHARED]
        return Mapping(merged.source, merged.start, merged.end, pairs)

    def _file(self, path: str, root: Mapping, known: Known) -> Mapping:
        """One file with its variables filled in and its services complete."""
        made = filled_tree(root, known)
        if not isinstance(made, Mapping):
            return root
        services = made.mapping("services")
        if services is None:
            return made
        shelf = _Shelf(path, services, known)
        pairs = [
            (key, self._extended(shelf, key.value, value, frozenset()))
            for key, value in services.pairs
        ]
        complete = Mapping(services.source, services.start, services.end, pairs, services.tag,
                           services.duplicates)  # fmt: skip
        return with_services(made, complete)

    def _extended(
        self, shelf: _Shelf, name: str, service: Node, above: frozenset[tuple[str, str]]
    ) -> Node:
        """A service with what it extends below it."""
        if not isinstance(service, Mapping) or (extends := service.get("extends")) is None:
            return service
        own = without(service, "extends")
        wanted = extends.scalar("service") if isinstance(extends, Mapping) else extends
        if not isinstance(wanted, Scalar) or (shelf.path, name) in above:
            return own
        file = extends.scalar("file") if isinstance(extends, Mapping) else None
        below = shelf if file is None else self._other(shelf, file)
        if below is None:
            self.is_open = True
            return own
        base = below.services.get(wanted.value)
        if base is None:
            known = tuple(key.value for key, _ in below.services.pairs)
            self.missing.append(Missing("service", wanted.value, wanted.span, known))
            return own
        base = self._extended(below, wanted.value, base, above | {(shelf.path, name)})
        return merged_service(base, own) or own

    def _other(self, shelf: _Shelf, file: Scalar) -> _Shelf | None:
        """The services of another file that a service extends one of."""
        path = self.folder.beside(shelf.path, file.value)
        root = tree_of(self.folder, path)
        if root is None:
            return None
        if path not in self.files:
            self.files.append(path)
        made = filled_tree(root, shelf.known)
        services = made.mapping("services") if isinstance(made, Mapping) else None
        return _Shelf(path, services, shelf.known) if services else None


def without(mapping: Mapping, name: str) -> Mapping:
    """A mapping less one of its keys."""
    pairs = [pair for pair in mapping.pairs if pair[0].value != name]
    return Mapping(mapping.source, mapping.start, mapping.end, pairs, mapping.tag)


def with_services(root: Mapping, services: Mapping) -> Mapping:
    """A file's tree with its services replaced."""
    pairs = [(k, services if k.value == "services" else value) for k, value in root.pairs]
    return Mapping(root.source, root.start, root.end, pairs, root.tag, root.duplicates)
