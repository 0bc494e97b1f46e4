"""Which reader reads what: the table that a new reader is added to."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.opened import Opened
from labkeeper.plan import Plan
from labkeeper.source import Document, Kind, Slice

# Reads one tree; what other files say of it (an `extends`, a list of targets) is in the folder.
# Nothing where another tool's file only looked like one.
Reader = Callable[[Document, Folder], Plan | None]
# Takes a text apart that is no tree: the text, and whether it stands inside another one.
Opener = Callable[[Slice, bool], Opened]


# Each is imported by the first file that needs it: a stack has few of these kinds.


def _reader(module: str, name: str) -> Reader:
    def read(document: Document, folder: Folder) -> Plan | None:
        found: Reader = getattr(import_module(f"labkeeper.audit.{module}"), name)
        return found(document, folder)

    return read


def _opener(module: str, name: str) -> Opener:
    def read(source: Slice, embedded: bool) -> Opened:
        found: Opener = getattr(import_module(f"labkeeper.audit.{module}"), name)
        return found(source, embedded)

    return read


READERS: Final[Mapping[Kind, Reader]] = {
    "compose": _reader("compose", "read_compose"),
    "quadlet": _reader("quadlet", "read_quadlet"),
    "kube": _reader("kube", "read_kube"),
    "dashboard": _reader("grafana_dashboard", "read_dashboard"),
    "datasources": _reader("grafana", "read_datasources"),
    "providers": _reader("grafana", "read_providers"),
    "prometheus": _reader("prometheus", "read_prometheus"),
    "promtail": _reader("promtail", "read_promtail"),
    "loki": _reader("loki", "read_loki"),
    "rules": _reader("rules", "read_rules"),
    "targets": _reader("prometheus", "read_targets"),
    "alertmanager": _reader("alertmanager", "read_alertmanager"),
    "blackbox": _reader("blackbox", "read_blackbox"),
    "unit": _reader("units", "read_unit"),
    "inspect": _reader("inspection", "read_inspect"),
}

# By the suffix of the form that a file, or an embedded text, is in.
OPENERS: Final[Mapping[str, Opener]] = {
    ".md": _opener("markdown", "open_markdown"),
    ".markdown": _opener("markdown", "open_markdown"),
    ".nix": _opener("nix", "open_nix"),
    ".sh": _opener("shell", "open_shell"),
    ".bash": _opener("shell", "open_shell"),
    ".tmpl": _opener("alertmanager", "open_template"),
    ".alloy": _opener("alloy", "open_alloy"),
    ".caddy": _opener("caddy", "open_caddyfile"),
    ".cron": _opener("cron", "open_crontab"),
    ".logrotate": _opener("logrotate", "open_logrotate"),
    ".smartd": _opener("smartd", "open_smartd"),
}


def openers(folder: Folder) -> Mapping[str, Opener]:
    """The openers for a folder: files are read in the light of what Nix and Caddy have told."""
    found = dict(OPENERS)
    if folder.evaluated:
        from labkeeper.audit.nix import Evaluated, open_nix  # noqa: PLC0415 - only where Nix is

        told = Evaluated(folder.evaluated)
        found[".nix"] = lambda source, inside: open_nix(source, inside, told)
    if folder.adapted:
        from labkeeper.audit.caddy import open_caddyfile  # noqa: PLC0415 - only where Caddy is

        found[".caddy"] = lambda source, inside: open_caddyfile(
            source, inside, None if inside else folder.adapted.get(source.file)
        )
    return found
