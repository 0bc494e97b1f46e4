"""Reads dashboards in the form that Grafana's export, its API and its provisioning share."""

import posixpath
from collections.abc import Iterator
from typing import Final, Literal

from labkeeper.audit import grafana_resource
from labkeeper.audit.folder import Folder
from labkeeper.audit.grafana_queries import (
    Scope,
    annotation_queries,
    datasource,
    learn_variable,
    target_queries,
    variable_query,
)
from labkeeper.plan import Dashboard, Panel, Plan, Query
from labkeeper.source import Document, Mapping, Scalar, Slice, Span
from labkeeper.values import regex

Form = Literal["classic", "api-wrapper", "resource-v1", "resource-v2"]

_PLACEHOLDER: Final = regex(r"\$\{(?P<name>(?:DS|VAR)_[A-Z0-9_.-]+)\}")
# Rows hold panels, which hold no rows; old files nest one level more.
_DEEPEST: Final = 4


def read_dashboard(document: Document, _folder: Folder) -> Plan:
    """The dashboard in a file, whatever is wrapped around it."""
    root = document.root
    if not isinstance(root, Mapping):
        return Plan()
    form, inner = _unwrapped(root)
    if form == "resource-v2":
        dashboard = grafana_resource.dashboard(document, root, inner)
    else:
        dashboard = _classic(document, root, form, inner)
    return Plan(dashboards=(dashboard,), facets=frozenset({"dashboards"}))


def _unwrapped(root: Mapping) -> tuple[Form, Mapping]:
    version = root.scalar("apiVersion")
    spec = root.mapping("spec")
    if version and spec is not None and version.value.startswith("dashboard.grafana.app/"):
        newer = version.value.startswith("dashboard.grafana.app/v2") or "elements" in spec
        return ("resource-v2" if newer else "resource-v1"), spec
    wrapped = root.mapping("dashboard")
    if wrapped is not None and "panels" not in root:
        return "api-wrapper", wrapped
    return "classic", root


def _classic(document: Document, root: Mapping, form: Form, inner: Mapping) -> Dashboard:
    scope = Scope()
    variables = tuple(_variables(scope, inner))
    annotations = inner.mapping("annotations")
    metadata = root.mapping("metadata") if form == "resource-v1" else None
    places = tuple(_placeholders(document.source, scope.variables))
    uid = metadata.scalar("name") if metadata else inner.scalar("uid")
    title = inner.scalar("title")
    return Dashboard(
        form,
        title.text if title else None,
        uid.text if uid else None,
        document.file,
        posixpath.dirname(document.file),
        document.embedded,
        _place(root, form, title),
        tuple(_panels(scope, inner, 0)),
        variables,
        tuple(annotation_queries(scope, annotations.mappings("list") if annotations else [])),
        tuple(key.value for key, _ in root.pairs if key.value != "dashboard")
        if form == "api-wrapper"
        else (),
        tuple({name: (name, at) for name, at in reversed(places)}.values())[::-1],
        places,
        tuple(scope.sources.items()),
        _wrapping(root, inner) if form == "api-wrapper" else (),
    )


def _wrapping(root: Mapping, inner: Mapping) -> tuple[Span, ...]:
    """What to cut off, so that the dashboard is left; in YAML its indentation would be wrong."""
    source = root.source
    if any(source.text[node.start : node.start + 1] != "{" for node in (root, inner)):
        return ()
    start, end = source.within(root.start, root.end), source.within(inner.start, inner.end)
    return (
        Span(source.file, start.start, end.start),
        Span(source.file, end.end, start.end),
    )


def _place(root: Mapping, form: Form, title: Scalar | None) -> Span:
    if form == "api-wrapper" and (pair := root.pair("dashboard")):
        return pair[0].span
    return title.span if title else root.source.within(root.start, root.start + 1)


def _variables(scope: Scope, inner: Mapping) -> Iterator[Query]:
    """The variables' queries; all variables are noted before the first query is read."""
    for item in inner.mappings("__inputs"):
        name, plugin = item.scalar("name"), item.scalar("pluginId")
        if name and plugin:
            scope.sources[name.value] = plugin.value
    templating = inner.mapping("templating")
    items = templating.mappings("list") if templating else []
    for item in items:
        name, kind, asked = item.scalar("name"), item.scalar("type"), item.scalar("query")
        if name and kind:
            values = [
                value.value
                for option in item.mappings("options")
                if (value := option.scalar("value"))
            ]
            learn_variable(scope, kind.value, name.value, asked.value if asked else "", values)
    for item in items:
        kind = item.scalar("type")
        if kind is None or kind.value == "query":
            use = datasource(item.get("datasource"))
            if found := variable_query(scope, item.get("query"), use):
                yield found


def _panels(scope: Scope, inner: Mapping, depth: int) -> Iterator[Panel]:
    """All panels; those of rows and of library elements that the file brings along too."""
    for panel in inner.mappings("panels"):
        yield _panel(scope, panel)
        if depth < _DEEPEST:
            yield from _panels(scope, panel, depth + 1)
    # Before schema version 16 all panels stood in rows.
    for row in inner.mappings("rows"):
        if depth < _DEEPEST:
            yield from _panels(scope, row, depth + 1)
    elements = inner.mapping("__elements")
    for _, element in elements.pairs if elements else []:
        model = element.mapping("model") if isinstance(element, Mapping) else None
        if model is not None:
            yield _panel(scope, model)


def _panel(scope: Scope, panel: Mapping) -> Panel:
    use = datasource(panel.get("datasource"))
    title, kind, number = panel.scalar("title"), panel.scalar("type"), panel.scalar("id")
    return Panel(
        title.value if title else "",
        kind.value if kind else "",
        number.whole if number else None,
        number.span if number else None,
        _unit(panel),
        tuple(target_queries(scope, panel.mappings("targets"), use)),
        use,
        title.span if title else panel.source.within(panel.start, panel.start + 1),
    )


def _unit(panel: Mapping) -> str | None:
    """The unit of a panel's values, in today's form or in the first axis of the old graph's."""
    config = panel.mapping("fieldConfig")
    defaults = config.mapping("defaults") if config else None
    unit = defaults.scalar("unit") if defaults else None
    if unit is None:
        axes = panel.mappings("yaxes")
        unit = (axes[0].scalar("format") if axes else None) or panel.scalar("format")
    return unit.value if unit else None


def _placeholders(source: Slice, variables: set[str]) -> Iterator[tuple[str, Span]]:
    """What only an import by hand fills in: a variable of that name would fill it in too."""
    for found in _PLACEHOLDER.finditer(source.text):
        if found["name"] not in variables:
            yield found["name"], source.within(found.start(), found.end())
