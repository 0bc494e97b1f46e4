"""A file that is to be mounted does not exist, so the engine makes a folder of its name."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, Mount
from labkeeper.source import Slice

# Files that people write; keys, databases and logs are made by programs or kept elsewhere.
_SUFFIXES: Final = frozenset(
    {".yml", ".yaml", ".conf", ".toml", ".ini", ".cfg", ".xml", ".sh", ".sql", ".lua", ".rules"}
    | {".tmpl", ".template", ".properties", ".alloy", ".hcl"}
)
_PATTERNS: Final = (".example", ".sample", ".template", ".tmpl", ".tpl", ".dist", ".j2")
_NAMES: Final = frozenset({"Caddyfile", "Corefile"})


def check(view: View) -> Iterator[Fault]:
    """Files of the folder that a container mounts and that are not there."""
    for container in view.plan.containers:
        project = view.projects.get(container.project)
        if project is None or not project.files:
            continue
        for mount in container.mounts:
            source = mount.source
            if source is None or not _is_own_file(mount, source.text):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source.file), source.text))
            if path.startswith("..") or view.exists(source.file, source.text):
                continue
            if any(view.exists(source.file, source.text + end) for end in _PATTERNS):
                # It is made of what is there, and kept out of the repository.
                continue
            yield Fault(
                f"`{source.text}` is not there, so {_outcome(container, project.kind)}",
                source.span,
                _help(view, source, path),
                subject=f"{container.key}:{source.text}",
            )


def _outcome(container: Container, kind: str) -> str:
    """Podman refuses what Docker, and Compose on either engine, makes a folder for."""
    if container.engine == "podman" and kind != "compose":
        return f"Podman refuses to start `{container.key}`"
    return f"the engine makes an empty folder of that name for `{container.key}`"


def _help(view: View, source: Slice, path: str) -> str:
    """The path that was likely meant, by the other spelling of YAML's suffix."""
    stem, suffix = posixpath.splitext(source.text)
    other = stem + {".yml": ".yaml", ".yaml": ".yml"}.get(suffix, suffix)
    if other != source.text and view.exists(source.file, other):
        return f"did you mean `{other}`?"
    return f"create `{path}` before the first start, or correct the path"


def _is_own_file(mount: Mount, source: str) -> bool:
    """Whether it is a file of the folder by its name, that the engine would make a folder of."""
    if mount.kind != "bind" or mount.options in {("config",), ("secret",)}:
        return False
    if "$" in source or {"create_host_path=false", "or-create"} & {*mount.options}:
        return False
    name = posixpath.basename(source)
    is_file = posixpath.splitext(name)[1] in _SUFFIXES or name in _NAMES
    return source.startswith(("./", "../")) and is_file


CHECK = Check("missing-mount-source", "warning", plan=check)
