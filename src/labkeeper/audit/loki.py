"""Loki's configuration to the Plan: whose rules it evaluates, and from where."""

import posixpath
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.mounted import folder_of, mounted_below
from labkeeper.plan import Loki, Plan
from labkeeper.source import Document, Mapping, Scalar

# https://grafana.com/docs/loki/latest/configure/: where the directory of rules may be set, the
# strongest first.
_DIRECTORIES: Final = (
    ("ruler", "storage", "local", "directory"),
    ("ruler_storage", "local", "directory"),
    ("common", "storage", "filesystem", "rules_directory"),
)
_KINDS: Final = (("ruler", "storage", "type"), ("ruler_storage", "backend"))


def read_loki(document: Document, folder: Folder) -> Plan:
    """The server, with the rule files of the stack that its ruler finds in its directory."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    directory = next((d for path in _DIRECTORIES if (d := _at(root, path))), None)
    kinds = [kind.value for path in _KINDS if (kind := _at(root, path))]
    several = root.scalar("auth_enabled")
    direct: list[str] = []
    tenants: list[tuple[str, str]] = []
    # Rules in a bucket are nobody's files.
    local = not kinds or set(kinds) <= {"local", "filesystem"}
    readable = directory and directory.text.is_literal and not document.embedded
    if directory and local and readable and not mounted_below(folder, directory.value):
        base = folder_of(folder, document.file, directory.value)
        for file in folder.texts if base else ():
            above = posixpath.dirname(file)
            if above == base:
                direct.append(file)
            elif posixpath.dirname(above) == base:
                tenants.append((posixpath.basename(above), file))
    loki = Loki(
        document.file,
        root.span,
        # The default is true.
        several_tenants=not (several and several.truth is False),
        rules_directory=directory.text if directory else None,
        loose_rules=tuple(direct),
        rules_of_tenants=tuple(tenants),
    )
    return Plan(lokis=(loki,))


def _at(root: Mapping, path: tuple[str, ...]) -> Scalar | None:
    here: Mapping | None = root
    for name in path[:-1]:
        here = here.mapping(name) if here else None
    return here.scalar(path[-1]) if here else None
