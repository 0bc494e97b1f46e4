"""Which compose files belong together, as Compose would find them.

The default names and their order are compose-go's (cli/options.go): the first main file of a folder
is read with the first override file of it. Other files of a folder stand for themselves, or, where
they could not be started alone, are laid over the main file, as `-f` does it.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from typing import Final

from labkeeper.audit.dotenv import read_dotenv
from labkeeper.audit.folder import Folder
from labkeeper.source import Mapping, Problem, Scalar, Slice, parse_yaml
from labkeeper.values import dataclass, regex

MAIN_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES: Final = (
    "compose.override.yml", "compose.override.yaml",
    "docker-compose.override.yml", "docker-compose.override.yaml",
)  # fmt: skip
_REFERS: Final = regex(r"^\s*[\"']?(?:include|extends)[\"']?\s*:", re.MULTILINE)
# A copy to be filled in tells as much of which files belong together.
_VARIABLES: Final = (".env", ".env.example", ".env.sample", ".env.template", "example.env")
_FILLED: Final = regex(r"\$(?:\{[^}]*\}|\w+)/")
_YAML: Final = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Role:
    """What a compose file is for: a project of its own with `over` laid over it, or a part."""

    over: tuple[str, ...] = ()
    # The file that it is laid over, where it cannot stand alone.
    under: str | None = None
    # Whether another file's project contains it.
    part: bool = False


@dataclass(slots=True)
class _References:
    """Who includes and who extends whom."""

    includes: dict[str, set[str]] = field(default_factory=dict)
    extended: set[str] = field(default_factory=set)


def tree_of(folder: Folder, path: str) -> Mapping | None:
    """The tree of a compose file, where it can be read."""
    text = folder.text(path)
    if text is None:
        return None
    found = parse_yaml(Slice.whole(posixpath.normpath(path), text))
    if isinstance(found, Problem) or not found:
        return None
    return found[0] if isinstance(found[0], Mapping) else None


def variables_beside(folder: Folder, path: str) -> dict[str, str]:
    """What the `.env` file beside a compose file sets."""
    return variables_of(folder, folder.beside(path, ".env"))


def variables_of(folder: Folder, path: str) -> dict[str, str]:
    """What a file of variables sets."""
    text = folder.text(path)
    if text is None:
        return {}
    return {name: value.text for name, value in read_dotenv(Slice.whole(path, text)).items()}


def included(root: Mapping) -> Iterator[tuple[tuple[Scalar, ...], Mapping | None]]:
    """The paths that a file includes, those of one entry together, with the entry's settings."""
    for item in root.sequence("include"):
        match item:
            case Scalar():
                yield (item,), None
            case Mapping():
                if paths := tuple(item.scalars("path")):
                    yield paths, item


def role_of(folder: Folder, path: str, root: Mapping) -> Role:
    """What a compose file is for."""
    listed = _listed(folder, path)
    if path in listed:
        return _listed_role(folder, path, listed)
    if _is_included(folder, path):
        return Role(part=True)
    main = _first(folder, path, MAIN_NAMES)
    override = _first(folder, path, OVERRIDE_NAMES)
    if path == main:
        return Role(over=(override,) if override else ())
    if main is not None:
        if path == override:
            return Role(part=True)
        if posixpath.basename(path) in OVERRIDE_NAMES or _is_overlay(folder, main, root):
            return Role(under=main)
    below = is_base(folder, path)
    return Role(part=not _stands_alone(root) and (below or not _any_stands_alone(root)))


def is_base(folder: Folder, path: str) -> bool:
    """Whether services of other files extend its own, so that it need not be whole."""
    return path in _references(folder).extended


def _listed_role(folder: Folder, path: str, listed: tuple[str, ...]) -> Role:
    """The role of a file that `COMPOSE_FILE` names: the first is the main one."""
    there = [name for name in listed if folder.text(name) is not None]
    if path != there[0]:
        return Role(part=True)
    return Role(over=tuple(there[1:]))


def _first(folder: Folder, path: str, names: tuple[str, ...]) -> str | None:
    found = (folder.beside(path, name) for name in names)
    return next((name for name in found if folder.text(name) is not None), None)


def _listed(folder: Folder, path: str) -> tuple[str, ...]:
    """The files among which `COMPOSE_FILE` names a file, in the `.env` beside or above it."""
    above = posixpath.dirname(path)
    while True:
        for name in _VARIABLES:
            found = _listed_in(folder, posixpath.join(above, name))
            if path in found:
                return found
        if not above:
            return ()
        above = posixpath.dirname(above)


def _listed_in(folder: Folder, variables: str) -> tuple[str, ...]:
    known = variables_of(folder, variables)
    if not (value := known.get("COMPOSE_FILE")):
        return ()
    separator = known.get("COMPOSE_PATH_SEPARATOR") or (";" if ";" in value else ":")
    return tuple(folder.beside(variables, name.strip()) for name in value.split(separator))


def _services(root: Mapping | None) -> dict[str, Mapping]:
    services = root.mapping("services") if root else None
    pairs = services.pairs if services else []
    return {key.value: value for key, value in pairs if isinstance(value, Mapping)}


def _stands_alone(root: Mapping) -> bool:
    """Whether every service says what it is made of."""
    return all(map(_is_made, _services(root).values()))


def _any_stands_alone(root: Mapping) -> bool:
    return any(map(_is_made, _services(root).values()))


def _is_made(service: Mapping) -> bool:
    return any(key in service for key in ("image", "build", "extends", "provider"))


def _is_overlay(folder: Folder, main: str, root: Mapping) -> bool:
    if _stands_alone(root):
        return False
    return not _services(root).keys().isdisjoint(_services(tree_of(folder, main)))


def _is_included(folder: Folder, path: str) -> bool:
    """Whether another file includes it that it does not include in turn."""
    includes = _references(folder).includes
    below = _reached(includes, path)
    return any(path in paths and f != path and f not in below for f, paths in includes.items())


def _reached(includes: dict[str, set[str]], path: str) -> set[str]:
    found: set[str] = set()
    waiting = [path]
    while waiting:
        for below in includes.get(waiting.pop(), ()):
            if below not in found:
                found.add(below)
                waiting.append(below)
    return found


@lru_cache(maxsize=1)
def _references(folder: Folder) -> _References:
    found = _References()
    for path, text in folder.texts.items():
        if not path.endswith(_YAML) or ("services" not in text and "include" not in text):
            continue
        if not _REFERS.search(text) or (root := tree_of(folder, path)) is None:
            continue
        paths = {folder.beside(path, p.value) for group, _ in included(root) for p in group}
        if paths:
            found.includes[path] = paths
        for service in _services(root).values():
            extends = service.mapping("extends")
            file = extends.scalar("file") if extends else None
            if file:
                found.extended.add(folder.beside(path, file.value))
                # `${ROOT}/shared/compose.yml`: most likely the folder that is looked at.
                found.extended.add(_FILLED.sub("", file.value))
    return found
