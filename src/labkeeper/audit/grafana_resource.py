"""Reads dashboards of the second resource version: elements, each with its group of queries."""

import posixpath
from collections.abc import Iterator

from labkeeper.audit.grafana_queries import Scope, learn_variable, query, variable_query
from labkeeper.plan import Dashboard, DatasourceUse, Panel, Query
from labkeeper.source import Document, Mapping


def dashboard(document: Document, root: Mapping, spec: Mapping) -> Dashboard:
    """The dashboard that a resource's `spec` describes."""
    scope = Scope()
    variables = tuple(_variables(scope, spec))
    metadata = root.mapping("metadata")
    uid, title = (metadata.scalar("name") if metadata else None), spec.scalar("title")
    return Dashboard(
        "resource-v2",
        title.text if title else None,
        uid.text if uid else None,
        document.file,
        posixpath.dirname(document.file),
        document.embedded,
        title.span if title else root.source.within(root.start, root.start + 1),
        tuple(_panels(scope, spec)),
        variables,
        tuple(_annotations(scope, spec)),
    )


def _variables(scope: Scope, spec: Mapping) -> Iterator[Query]:
    inner = [item.mapping("spec") for item in spec.mappings("variables")]
    kinds = [item.scalar("kind") for item in spec.mappings("variables")]
    for item, kind in zip(inner, kinds, strict=True):
        name = item.scalar("name") if item else None
        if item is None or name is None or kind is None:
            continue
        words = kind.value.removesuffix("Variable").lower()
        plugin = item.scalar("pluginId")
        options = [v.value for o in item.mappings("options") if (v := o.scalar("value"))]
        learn_variable(scope, words, name.value, plugin.value if plugin else "", options)
    for item, kind in zip(inner, kinds, strict=True):
        if item is None or kind is None or kind.value != "QueryVariable":
            continue
        asked = item.get("query")
        if isinstance(asked, Mapping):
            use = _source(item, asked)
            if found := variable_query(scope, asked.get("spec"), use):
                yield found


def _panels(scope: Scope, spec: Mapping) -> Iterator[Panel]:
    elements = spec.mapping("elements")
    for _, element in elements.pairs if elements else []:
        inner = element.mapping("spec") if isinstance(element, Mapping) else None
        if inner is None:
            continue
        title, number, config = (
            inner.scalar("title"),
            inner.scalar("id"),
            inner.mapping("vizConfig"),
        )
        kind = (config.scalar("group") or config.scalar("kind")) if config else None
        yield Panel(
            title.value if title else "",
            kind.value if kind else "",
            number.whole if number else None,
            number.span if number else None,
            _unit(config),
            tuple(_queries(scope, inner)),
            None,
            title.span if title else inner.source.within(inner.start, inner.start + 1),
        )


def _unit(config: Mapping | None) -> str | None:
    here: Mapping | None = config
    for name in ("spec", "fieldConfig", "defaults"):
        here = here.mapping(name) if here else None
    unit = here.scalar("unit") if here else None
    return unit.value if unit else None


def _queries(scope: Scope, panel: Mapping) -> Iterator[Query]:
    data = panel.mapping("data")
    group = data.mapping("spec") if data else None
    for item in group.mappings("queries") if group else []:
        spec = item.mapping("spec")
        if spec and (found := _asked(scope, spec)):
            yield found


def _annotations(scope: Scope, spec: Mapping) -> Iterator[Query]:
    for item in spec.mappings("annotations"):
        inner = item.mapping("spec")
        if inner and (found := _asked(scope, inner)):
            yield found


def _asked(scope: Scope, holder: Mapping) -> Query | None:
    asked = holder.mapping("query")
    inner = asked.mapping("spec") if asked else None
    expression = inner.scalar("expr") if inner else None
    if asked is None or expression is None:
        return None
    use = _source(holder, asked)
    return query(scope, expression.text, use)


def _source(holder: Mapping, asked: Mapping) -> DatasourceUse | None:
    """The data source: beside the query in the first drafts, in it since v2beta1."""
    named = asked.mapping("datasource") or holder.mapping("datasource")
    uid = (named.scalar("name") or named.scalar("uid")) if named else None
    # `kind` was the plugin's name until it became the word `DataQuery`, with the name in `group`.
    kind = (
        asked.scalar("group") or (named.scalar("type") if named else None) or asked.scalar("kind")
    )
    if kind is not None and kind.value == "DataQuery":
        kind = None
    return DatasourceUse(uid.text if uid else None, None, kind.value if kind else None)
