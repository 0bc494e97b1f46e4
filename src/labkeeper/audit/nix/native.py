"""Software that NixOS runs by its own modules: the units its options bring, with their ports."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.caddy import sites_of
from labkeeper.audit.nix.ports import default_port
from labkeeper.audit.nix.values import Attrs, Entry, Listing, Text, Value
from labkeeper.plan import Command, ListenPort, Proxied, Script, Unit, Word
from labkeeper.source import Slice, Span

# Programs of exporters whose contracts are known, by the option's name; from the modules in
# nixos/modules/services/monitoring/prometheus/exporters/.
_PROGRAMS: Final = {
    "node": "node_exporter",
    "smartctl": "smartctl_exporter",
    "systemd": "systemd_exporter",
    "blackbox": "blackbox_exporter",
    "process": "process-exporter",
    "zfs": "zfs_exporter",
    "nvidia-gpu": "nvidia_gpu_exporter",
}
# Exporters under one name each on NixOS that are one program.
_EXPORTARR: Final = "exportarr-"
_SERVERS: Final = {
    "prometheus": "prometheus",
    "grafana": "grafana-server",
    "loki": "loki",
    "alertmanager": "alertmanager",
}
_BOOT: Final = ("multi-user.target",)
_PORTS: Final = {
    "grafana": ("settings", "server", "http_port"),
    "loki": ("configuration", "server", "http_listen_port"),
    "alertmanager": ("port",),
}


def native(root: Attrs, host: str) -> Iterator[Unit]:
    """The units of services that are enabled; what a module sets itself is not in them."""
    services = root.attrs("services")
    for entry in services.entries.values() if services else ():
        if isinstance(entry.value, Attrs) and _is_on(entry.value):
            yield _server(entry, entry.value, ("services", entry.name.text), host)
    prometheus = root.attrs("services", "prometheus")
    manager = prometheus.entries.get("alertmanager") if prometheus else None
    if manager and isinstance(manager.value, Attrs) and _is_on(manager.value):
        path = ("services", "prometheus", "alertmanager")
        yield _server(manager, manager.value, path, host)
    exporters = prometheus.attrs("exporters") if prometheus else None
    for entry in exporters.entries.values() if exporters else ():
        if isinstance(entry.value, Attrs) and _is_on(entry.value):
            yield _exporter(entry, entry.value, host)


def native_sites(root: Attrs, file: str) -> Iterator[Proxied]:
    """What Caddy's virtual hosts pass on, where NixOS runs it."""
    sites = root.attrs("services", "caddy", "virtualHosts")
    for entry in sites.entries.values() if sites else ():
        body = entry.value.text("extraConfig") if isinstance(entry.value, Attrs) else None
        if body:
            yield from sites_of(entry.name.text, body.slice, file, native=True)


def _is_on(value: Attrs) -> bool:
    enabled = value.text("enable")
    return bool(enabled and enabled.truth)


def _server(entry: Entry, value: Attrs, path: tuple[str, ...], host: str) -> Unit:
    name = entry.name.text
    program = _SERVERS.get(name)
    words = [Word(program, True, entry.name.span), *_flags(value)] if program else []
    listens = tuple(_listens(value, path, _PORTS.get(name, ("port",)), entry.name.span))
    return _unit(f"{name}.service", host, entry.name.span, words, listens)


def _exporter(entry: Entry, value: Attrs, host: str) -> Unit:
    name = entry.name.text
    program = "exportarr" if name.startswith(_EXPORTARR) else _PROGRAMS.get(name)
    words: list[Word] = []
    if program:
        words = [Word(program, True, entry.name.span), *_collectors(value), *_flags(value)]
    path = ("services", "prometheus", "exporters", name)
    listens = tuple(_listens(value, path, ("port",), entry.name.span))
    unit = f"prometheus-{name}-exporter.service"
    return _unit(unit, host, entry.name.span, words, listens)


def _unit(
    name: str, host: str, at: Span, words: list[Word], listens: tuple[ListenPort, ...]
) -> Unit:
    """A unit that a module makes: what else is in it, the module alone knows."""
    return Unit(
        name, host, at, "service", started_by=_BOOT, partial=True, environment_open=True,
        scripts=_started_with(name, host, at, words), listens=listens,
    )  # fmt: skip


def _collectors(value: Attrs) -> Iterator[Word]:
    """node_exporter's collectors, as its module makes flags of them."""
    for option, flag in (
        ("enabledCollectors", "--collector."),
        ("disabledCollectors", "--no-collector."),
    ):
        given = value.get(option)
        for word in _words(given):
            yield Word(flag + word.text, word.literal, word.at)


def _flags(value: Attrs) -> Iterator[Word]:
    yield from _words(value.get("extraFlags"))


def _words(value: Value | None) -> Iterator[Word]:
    """The words of a list; one that is not literal stands for what only evaluation can tell."""
    if value is None:
        return
    if not isinstance(value, Listing):
        yield Word("$", False, value.at)
        return
    for item in value.items:
        if isinstance(item, Text):
            yield Word(item.slice.text, not item.holes, item.at)
        else:
            yield Word("$", False, item.at)
    if not value.complete:
        yield Word("$", False, value.at)


def _started_with(unit: str, host: str, at: Span, words: list[Word]) -> tuple[Script, ...]:
    if not words:
        return ()
    line = Slice.placed(" ".join(word.text for word in words), at)
    command = Command(tuple(words), (), at, pipeline=0, step=0)
    return (Script(line, host, unit, at, (command,), (), frozenset()),)


def _listens(
    value: Attrs, path: tuple[str, ...], option: tuple[str, ...], at: Span
) -> Iterator[ListenPort]:
    """The port that an option gives a service, or NixOS's default of that option."""
    given = value.get(*option)
    if isinstance(given, Text) and (given.literal or "").isdecimal():
        yield ListenPort(int((given.literal or "")[:6]), given.at)
    elif given is None and (number := default_port((*path, *option))):
        yield ListenPort(number, at)
