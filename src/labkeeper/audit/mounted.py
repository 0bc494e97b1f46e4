"""Where a path that a program names inside its container lies in the folder."""

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.values import regex

_SHORT: Final = regex(
    r"(?<![\w./$%{}~-])(?P<source>(?:\.{1,2}|\$\{?PWD\}?)(?:/[\w.%~-]+)*)/?:(?P<target>/[\w./-]+)"
)
_LONG: Final = regex(
    r"source:[ \t]*[\"']?(?P<source>\.[\w./-]*)[\"']?[ \t]*\r?\n[ \t]*"
    r"target:[ \t]*[\"']?(?P<target>/[\w./-]+)"
)
_WITH_MOUNTS: Final = (".yml", ".yaml", ".container", ".sh")


def places(folder: Folder, file: str, path: str) -> list[str] | None:
    """Texts of the folder that `path`, a shell pattern named in `file`, reaches.

    None where that cannot be told: a path inside a container whose mounts the folder hides.
    """
    if not path.startswith("/") and (found := _there(folder, folder.beside(file, path))):
        return found
    for name in _names_inside(folder, file, path):
        for outer in _names_outside(folder, name):
            if (found := _there(folder, outer)) is not None:
                return found
    return _alike(folder, file, path)


def mounted_below(folder: Folder, path: str) -> bool:
    """Whether something is mounted further down in a container's folder."""
    return any(target.startswith(f"{path.rstrip('/')}/") for _, target in _mounts(folder))


def folder_of(folder: Folder, file: str, path: str) -> str | None:
    """The folder that `path`, a program's folder named in `file`, lies in here."""
    candidates = [*_names_outside(folder, path)] if path.startswith("/") else []
    if not path.startswith("/"):
        candidates.append(folder.beside(file, path))
    parts = path.strip("/").split("/")
    # Laid out as the container is, or as much of it as there is.
    for start in range(len(parts)):
        candidates.append(posixpath.join(posixpath.dirname(file), *parts[start:]))
        candidates.append(posixpath.join(*parts[start:]))
    found = (posixpath.normpath(each) for each in candidates)
    return next((e for e in found if any(t.startswith(f"{e}/") for t in folder.texts)), None)


def _there(folder: Folder, pattern: str) -> list[str] | None:
    """What a pattern reaches; none where not even its folder is there."""
    found = sorted(folder.matching(pattern))
    above = posixpath.dirname(pattern) or "."
    return found if found or (above != "." and folder.exists(above)) else None


def _alike(folder: Folder, file: str, path: str) -> list[str] | None:
    """A folder laid out as the container is: `/etc/prometheus/rules/*.yml` beside `rules/`."""
    parts = path.strip("/").split("/")
    # `*.yml` alone would reach everything.
    last = len(parts) - 1 if "*" in parts[-1] else len(parts)
    for start in range(last):
        for base in (posixpath.dirname(file), ""):
            if found := sorted(folder.matching(posixpath.join(base, *parts[start:]))):
                return found
    if "*" in parts[-1]:
        return None
    named = [text for text in folder.texts if f"/{text}".endswith(f"/{parts[-1]}")]
    return named if len(named) == 1 else None


def _names_inside(folder: Folder, file: str, path: str) -> list[str]:
    """What the path is inside containers: a relative one is beside the file that names it."""
    if path.startswith("/"):
        return [path]
    inner = (
        posixpath.normpath(posixpath.join(target, posixpath.relpath(file, source)))
        for source, target in _mounts(folder)
        if source in (file, ".") or file.startswith(f"{source}/")
    )
    return [posixpath.join(posixpath.dirname(name), path) for name in inner]


def _names_outside(folder: Folder, name: str) -> Iterator[str]:
    """The folder's paths for a path inside a container, the closest mount first."""
    fitting = [
        (target.rstrip("/"), source)
        for source, target in _mounts(folder)
        if name == target or name.startswith(f"{target.rstrip('/')}/")
    ]
    for target, source in sorted(fitting, key=lambda mount: -len(mount[0])):
        yield posixpath.normpath(posixpath.join(source, name[len(target) :].lstrip("/")))


def _mounts(folder: Folder) -> tuple[tuple[str, str], ...]:
    texts = folder.texts.items()
    return _mounts_of(tuple((p, t) for p, t in texts if p.endswith(_WITH_MOUNTS) and ":" in t))


@lru_cache(maxsize=2)
def _mounts_of(texts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Mounts of the folder's own files, as `(path in the folder, path in the container)`."""
    found: list[tuple[str, str]] = []
    for path, text in texts:
        for shape in (_SHORT, _LONG):
            for mount in shape.finditer(text):
                source = re.sub(r"^\$\{?PWD\}?", ".", mount["source"])
                outer = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
                if not outer.startswith(".."):
                    found.append((outer, mount["target"]))
    return tuple(found)
