"""Which reader reads what: the table that a new reader is added to."""

from collections.abc import Callable, Mapping
from typing import Final

from labkeeper.audit.alertmanager import open_template, read_alertmanager
from labkeeper.audit.blackbox import read_blackbox
from labkeeper.audit.compose import read_compose
from labkeeper.audit.folder import Folder
from labkeeper.audit.grafana import read_datasources, read_providers
from labkeeper.audit.grafana_dashboard import read_dashboard
from labkeeper.audit.opened import Opened
from labkeeper.audit.prometheus import read_prometheus, read_targets
from labkeeper.audit.promtail import read_promtail
from labkeeper.audit.quadlet import read_quadlet
from labkeeper.audit.rules import read_rules
from labkeeper.audit.units import read_unit
from labkeeper.plan import Plan
from labkeeper.source import Document, Kind, Slice

# Reads one tree; what other files say of it (an `extends`, a list of targets) is in the folder.
Reader = Callable[[Document, Folder], Plan]
# Takes a text apart that is no tree: the text, and whether it stands inside another one.
Opener = Callable[[Slice, bool], Opened]


# The grammars of shell and Nix are loaded only by a folder that holds some.


def _open_markdown(source: Slice, embedded: bool) -> Opened:
    from labkeeper.audit.markdown import open_markdown  # noqa: PLC0415

    return open_markdown(source, embedded)


def _open_nix(source: Slice, embedded: bool) -> Opened:
    from labkeeper.audit.nix import open_nix  # noqa: PLC0415

    return open_nix(source, embedded)


def _open_shell(source: Slice, embedded: bool) -> Opened:
    from labkeeper.audit.shell import open_shell  # noqa: PLC0415

    return open_shell(source, embedded)


def _read_inspect(document: Document, folder: Folder) -> Plan:
    from labkeeper.audit.inspection import read_inspect  # noqa: PLC0415

    return read_inspect(document, folder)


READERS: Final[Mapping[Kind, Reader]] = {
    "compose": read_compose,
    "quadlet": read_quadlet,
    "dashboard": read_dashboard,
    "datasources": read_datasources,
    "providers": read_providers,
    "prometheus": read_prometheus,
    "promtail": read_promtail,
    "rules": read_rules,
    "targets": read_targets,
    "alertmanager": read_alertmanager,
    "blackbox": read_blackbox,
    "unit": read_unit,
    "inspect": _read_inspect,
}

# By the suffix of a file or of an embedded text.
OPENERS: Final[Mapping[str, Opener]] = {
    ".md": _open_markdown,
    ".markdown": _open_markdown,
    ".nix": _open_nix,
    ".sh": _open_shell,
    ".bash": _open_shell,
    ".tmpl": open_template,
}
