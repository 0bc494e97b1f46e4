"""NixOS's options for the monitoring stack, as the files that NixOS makes of them."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.nix.tree import left_open, mapping, tree
from labkeeper.audit.nix.values import Attrs, Call, Listing, Text, Value, walk
from labkeeper.audit.opened import Grown
from labkeeper.audit.recognise import recognise
from labkeeper.plan import Facet
from labkeeper.source import Kind, Node, Sequence, Slice, Span

_PROMETHEUS: Final = ("services", "prometheus")
# nixos/modules/services/monitoring/prometheus/default.nix: what goes under which key of the file.
_SECTIONS: Final = (
    ("globalConfig", "global"),
    ("scrapeConfigs", "scrape_configs"),
    ("remoteWrite", "remote_write"),
    ("remoteRead", "remote_read"),
)
_FILES: Final[tuple[tuple[tuple[str, ...], Kind, str], ...]] = (
    ((*_PROMETHEUS, "alertmanager", "configuration"), "alertmanager", "alertmanager.yml"),
    (("services", "grafana", "provision", "datasources", "settings"), "datasources", "a.yaml"),
    (("services", "grafana", "provision", "dashboards", "settings"), "providers", "b.yaml"),
    (("services", "loki", "configuration"), "loki", "loki.yaml"),
    (("services", "promtail", "configuration"), "promtail", "promtail.yaml"),
)
# Functions whose result is a file or a text of their argument.
_WRITING: Final = frozenset(
    {"writeText", "toFile", "generate", "toYAML", "toJSON", "writeTextFile"}
)
_FACETS: Final[tuple[tuple[tuple[str, ...], Facet], ...]] = (
    ((*_PROMETHEUS, "scrapeConfigs"), "scrapes"),
    ((*_PROMETHEUS, "exporters"), "scrapes"),
    ((*_PROMETHEUS, "rules"), "rules"),
    ((*_PROMETHEUS, "ruleFiles"), "rules"),
    ((*_PROMETHEUS, "alertmanager", "configuration"), "alertmanager"),
    (("services", "grafana", "provision", "datasources"), "datasources"),
    (("virtualisation", "oci-containers", "containers"), "services"),
    (("systemd", "services"), "units"),
)


def grown(root: Attrs) -> Iterator[Grown]:
    """The configuration files that options and written-out values come to."""
    if server := _prometheus(root):
        yield server
    for path, kind, name in _FILES:
        given = root.attrs(*path)
        if given and not _is_off(root, path[:-1]):
            yield Grown(kind, name, tree(given), part=any(left_open(given)))
    for value in _items(root.get(*_PROMETHEUS, "rules")):
        # `builtins.toJSON { groups = ...; }`: JSON is YAML.
        if isinstance(value, Call) and (made := _written(value)):
            yield Grown("rules", "rules.yaml", tree(made))
    for value in walk(root):
        if isinstance(value, Call) and value.function in {"generate", "writeText", "toFile"}:
            yield from _named(value)


def unread(root: Attrs) -> Iterator[tuple[str, Facet, Span]]:
    """Options that count and that only evaluation can tell: the option, its facet, the place."""
    for path, facet in _FACETS:
        value = root.get(*path)
        if value is None:
            continue
        name = path[-1].replace("scrapeConfigs", "scrape_configs")
        at = next(_open_parts(value, name), None)
        if at is not None:
            yield ".".join(path), facet, at


def _open_parts(value: Value, name: str) -> Iterator[Span]:
    if name in {"rules", "ruleFiles"}:
        yield from (
            item.at
            for item in _items(value)
            if not isinstance(item, Text) and not (isinstance(item, Call) and _is_read(item))
        )
        return
    if name in {"exporters", "containers", "services"}:
        # Single values in them are known to be open where they stand.
        if not isinstance(value, Attrs) or not value.complete:
            yield value.at
        return
    if not isinstance(value, (Attrs, Listing)):
        yield value.at
        return
    yield from left_open(value, name)


def _is_read(item: Call) -> bool:
    return item.function == "readFile" or _written(item) is not None or _text(item) is not None


def _prometheus(root: Attrs) -> Grown | None:
    """`prometheus.yml` of the options; a part of one where another module has the rest."""
    given = root.attrs(*_PROMETHEUS)
    if given is None or _is_off(root, _PROMETHEUS):
        return None
    pairs: list[tuple[Slice, Node]] = []
    for option, key in _SECTIONS:
        if option in given.entries:
            entry = given.entries[option]
            pairs.append((Slice.placed(key, entry.name.span), tree(entry.value)))
    files = list(_rule_files(given))
    if "ruleFiles" in given.entries or "rules" in given.entries:
        entry = given.entries.get("ruleFiles") or given.entries["rules"]
        around = Slice.placed(" ", entry.value.at)
        listed = Sequence(around, 0, 1, files)
        pairs.append((Slice.placed("rule_files", entry.name.span), listed))
    if "alertmanagers" in given.entries:
        entry = given.entries["alertmanagers"]
        inner = mapping(entry.value.at, iter([(entry.name, tree(entry.value))]))
        pairs.append((Slice.placed("alerting", entry.name.span), inner))
    if not any(key.text in {"scrape_configs", "alerting", "global"} for key, _ in pairs):
        return None
    enabled = given.text("enable")
    part = not (enabled and enabled.truth) or any(
        facet in {"scrapes", "rules"} for _, facet, _ in unread(root)
    )
    return Grown("prometheus", "prometheus.yml", mapping(given.at, iter(pairs)), part)


def _rule_files(given: Attrs) -> Iterator[Node]:
    """The rule files that lie in the folder; those that are written in Nix are read there."""
    for item in (*_items(given.get("ruleFiles")), *_items(given.get("rules"))):
        match item:
            case Text(quoted=False):
                yield tree(item)
            case Call("readFile", (Text() as path,)):
                yield tree(path)
            case Text():
                # A path in quotes is a file of the machine; a text is a file's content.
                if "\n" not in item.slice.text and item.slice.text.startswith("/"):
                    yield tree(item)
            case Call() if _is_read(item):
                continue
            case _:
                yield tree(item)


def _items(value: Value | None) -> tuple[Value, ...]:
    match value:
        case Listing():
            return value.items
        case None:
            return ()
    return (value,)


def _written(call: Call) -> Attrs | None:
    """The value that a function writes out."""
    if call.function not in _WRITING:
        return None
    for argument in reversed(call.arguments):
        if isinstance(argument, Attrs) and argument.entries:
            return argument
        if isinstance(argument, Call):
            return _written(argument)
    return None


def _text(call: Call) -> Text | None:
    """The text that a function writes out."""
    last = call.arguments[-1] if call.arguments else None
    return last if call.function in _WRITING and isinstance(last, Text) else None


def _named(call: Call) -> Iterator[Grown]:
    """`(pkgs.formats.yaml { }).generate "blackbox.yml" { ... }` and its like."""
    name, value = call.arguments[0] if call.arguments else None, _written(call)
    if not isinstance(name, Text) or not name.literal or value is None:
        return
    root = tree(value)
    kind = recognise(name.literal, root)
    if kind != "unknown":
        yield Grown(kind, name.literal, root)


def _is_off(root: Attrs, path: tuple[str, ...]) -> bool:
    enabled = root.text(*path, "enable")
    return enabled is not None and enabled.truth is False
