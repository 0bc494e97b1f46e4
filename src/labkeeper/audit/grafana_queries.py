"""Reads what a dashboard asks of its data sources, in Prometheus's language or in Loki's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Final, Literal

from labkeeper.audit.grafana_macros import Shape, substitute
from labkeeper.plan import DatasourceUse, Query
from labkeeper.source import Mapping as MappingNode
from labkeeper.source import Node, Scalar, Slice
from labkeeper.values import dataclass, regex

Language = Literal["promql", "logql"]

_LANGUAGES: Final[Mapping[str, Language]] = {"prometheus": "promql", "loki": "logql"}
# A pipe after a selector is Loki's; Prometheus has none.
_PIPED: Final = regex(r"\}\s*(?:\||!=|!~)")
_LABEL_VALUES: Final = regex(
    r"\s*label_values\(\s*(?:(?P<inner>.+?)\s*,\s*)?[\w$.{}\[\]:]+\s*\)\s*", re.DOTALL
)
_QUERY_RESULT: Final = regex(r"\s*query_result\(\s*(?P<inner>.+?)\s*\)\s*", re.DOTALL)
_NO_SERIES: Final = regex(r"\s*(?:label_names|metrics)\(.*\)\s*", re.DOTALL)
_DURATIONS: Final = regex(r"(?:\d+(?:ms|[smhdwy]))+")


@dataclass(slots=True)
class Scope:
    """What the dashboard says that its queries depend on."""

    # The kinds of data source that its variables stand for, and that its `__inputs` ask for.
    sources: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)

    def kind(self, use: DatasourceUse | None) -> str | None:
        """The kind of data source that is meant, where the dashboard says."""
        if use is None:
            return None
        if use.kind:
            return use.kind
        written = use.uid or use.name
        name = re.fullmatch(r"\$\{?(\w+)\}?", written.text) if written else None
        return self.sources.get(name[1]) if name else None


def datasource(node: Node | None) -> DatasourceUse | None:
    """The data source that a panel, target or variable names."""
    match node:
        case Scalar():
            return DatasourceUse(None, node.text, None)
        case MappingNode():
            uid, kind = node.scalar("uid"), node.scalar("type")
            return DatasourceUse(uid.text if uid else None, None, kind.value if kind else None)
    return None


def language(kind: str | None, written: str) -> Language | None:
    """The language of a query; none where it is neither of the two that labkeeper reads."""
    if kind and "$" not in kind:
        return _LANGUAGES.get(kind)
    return "logql" if _PIPED.search(written) else "promql"


def query(scope: Scope, written: Slice, use: DatasourceUse | None) -> Query | None:
    """One query, its variables replaced."""
    spoken = language(scope.kind(use), written.text)
    if spoken is None or not written.text.strip():
        return None
    done = substitute(written, scope.shapes)
    return Query(done.text, written, spoken, use, written.span, done.guessed)


def target_queries(
    scope: Scope, targets: list[MappingNode], above: DatasourceUse | None
) -> Iterator[Query]:
    """The queries of a panel; a target's own data source goes before the panel's."""
    for target in targets:
        expression = target.scalar("expr")
        if expression is None:
            continue
        use = datasource(target.get("datasource")) or above
        if found := query(scope, expression.text, use):
            yield replace(found, stepped=True) if target.scalar("interval") else found


def annotation_queries(scope: Scope, items: list[MappingNode]) -> Iterator[Query]:
    """The queries that mark moments in all panels."""
    for item in items:
        use = datasource(item.get("datasource"))
        inner = item.mapping("target")
        expression = item.scalar("expr") or (inner.scalar("expr") if inner else None)
        if expression and (found := query(scope, expression.text, use)):
            yield found


def variable_query(scope: Scope, asked: Node | None, use: DatasourceUse | None) -> Query | None:
    """What a variable asks for its values; only the part of it that selects series."""
    if isinstance(asked, MappingNode):
        asked = asked.scalar("query") or asked.scalar("expr") or asked.scalar("stream")
    if not isinstance(asked, Scalar) or language(scope.kind(use), asked.value) is None:
        return None
    if _NO_SERIES.fullmatch(asked.value):
        return None
    for form in (_LABEL_VALUES, _QUERY_RESULT):
        if found := form.fullmatch(asked.value):
            if found["inner"] is None:
                return None
            return query(scope, asked.text.cut(*found.span("inner")), use)
    # Prometheus's data source looks plain words up as a selector of series.
    return query(scope, asked.text, use)


def learn_variable(scope: Scope, kind: str, name: str, asked: str, values: list[str]) -> None:
    """Notes what a variable of the dashboard stands for."""
    scope.variables.add(name)
    if kind == "datasource":
        scope.sources[name] = asked
    elif kind == "interval":
        scope.shapes[name] = "duration"
    elif values and all(value.replace(".", "", 1).isdigit() for value in values):
        scope.shapes[name] = "number"
    elif values and all(_DURATIONS.fullmatch(value) for value in values):
        scope.shapes[name] = "duration"
