import json
from typing import Any

import pytest

from labkeeper.audit import Folder
from labkeeper.audit.stack import read_stack
from labkeeper.plan import UNKNOWN, Dashboard, Plan

PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
LOKI = {"type": "loki", "uid": "loki"}


def plan_of(content: object, name: str = "dashboards/a.json", **options: Any) -> tuple[Plan, str]:
    text = content if isinstance(content, str) else json.dumps(content, **options)
    stack = read_stack(Folder({name: text}), ())
    assert not stack.skipped
    return stack.plan, text


def only(content: object, **options: Any) -> tuple[Dashboard, str]:
    plan, text = plan_of(content, **options)
    (dashboard,) = plan.dashboards
    return dashboard, text


def panel(*expressions: str, **more: Any) -> dict[str, Any]:
    targets = [{"refId": "A", "expr": e, "datasource": PROMETHEUS} for e in expressions]
    return {"id": 1, "type": "timeseries", "title": "CPU", "targets": targets, **more}


def classic(**more: Any) -> dict[str, Any]:
    return {"uid": "u", "title": "T", "schemaVersion": 41, "panels": [panel("up")], **more}


def asked(dashboard: Dashboard) -> list[str]:
    return [query.text.text for query in dashboard.queries]


@pytest.mark.parametrize("form", ["classic", "api-wrapper", "resource-v1"])
def test_forms_of_a_classic_dashboard(form: str) -> None:
    """The same dashboard is read out of each of its wrappings."""
    bare = classic()
    resource = {"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard",
                "metadata": {"name": "u"}, "spec": bare}  # fmt: skip
    got, text = only({"classic": bare, "api-wrapper": {"dashboard": bare, "overwrite": True},
                      "resource-v1": resource}[form])  # fmt: skip

    assert (form, "dashboards") == (got.form, got.folder)
    assert got.title and got.uid
    assert (got.title.text, got.uid.text, asked(got)) == ("T", "u", ["up"])
    assert text[got.title.span.start - 1 : got.title.span.end + 1] == '"T"'


def test_second_resource_version() -> None:
    """Elements, variables and annotations of a v2 resource are read, whichever draft wrote them."""
    draft = {"kind": "PanelQuery", "spec": {"refId": "A", "datasource": PROMETHEUS,
             "query": {"kind": "prometheus", "spec": {"expr": "old"}}}}  # fmt: skip
    today = {"kind": "PanelQuery", "spec": {"refId": "B", "query": {
        "kind": "DataQuery", "group": "prometheus", "datasource": {"name": "p"},
        "spec": {"expr": 'new{job="$job"}'}}}}  # fmt: skip
    group = {"kind": "QueryGroup", "spec": {"queries": [draft, today]}}
    spec = {
        "title": "T",
        "elements": {"panel-1": {"kind": "Panel", "spec": {
            "id": 7, "title": "P", "data": group, "vizConfig": {"kind": "VizConfig",
            "group": "stat", "spec": {"fieldConfig": {"defaults": {"unit": "s"}}}}}}},
        "variables": [{"kind": "QueryVariable", "spec": {"name": "job", "query": {
            "kind": "DataQuery", "group": "prometheus",
            "spec": {"query": "label_values(seen, job)"}}}}],
        "annotations": [{"kind": "AnnotationQuery", "spec": {"query": {
            "kind": "DataQuery", "group": "loki", "spec": {"expr": '{a="b"}'}}}}],
    }  # fmt: skip
    got, _ = only({"apiVersion": "dashboard.grafana.app/v2beta1", "kind": "Dashboard",
                   "metadata": {"name": "u"}, "spec": spec})  # fmt: skip

    assert ["old", f'new{{job="{UNKNOWN}"}}', "seen", '{a="b"}'] == asked(got)
    assert [(p.title, p.kind, p.number, p.unit) for p in got.panels] == [("P", "stat", 7, "s")]
    assert [query.language for query in got.queries] == ["promql"] * 3 + ["logql"]


def test_rows_and_library_elements() -> None:
    """Panels are found in rows old and new, collapsed or not, and in elements brought along."""
    got, _ = only(classic(
        panels=[{"type": "row", "title": "R", "panels": [panel("in_row")]}, panel("beside")],
        rows=[{"panels": [panel("in_old_row")]}],
        __elements={"x": {"model": panel("in_element")}},
    ))  # fmt: skip

    assert asked(got) == ["in_row", "beside", "in_old_row", "in_element"]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_names_behind_escapes_keep_their_places(ascii_only: bool) -> None:
    """A name behind escaped quotes, line ends and surrogate pairs still points at itself."""
    got, text = only(classic(panels=[panel('a{l="\U0001f600é\n\\\\d"} + name_after{x="$y"}')]),
                     ensure_ascii=ascii_only)  # fmt: skip
    (query,) = got.queries
    span = query.text.find("name_after")

    assert text[span.start : span.end] == "name_after"


def test_variables_ask_for_series() -> None:
    """Of a variable's query only what selects series is a query."""
    wanted = {
        "label_values(up{job=\"$x\"}, instance)": f'up{{job="{UNKNOWN}"}}',
        "label_values(instance)": None,
        "label_names()": None,
        "metrics(node_.*)": None,
        "query_result(topk(5, sum(x) by (a)))": "topk(5, sum(x) by (a))",
        "": None,
    }  # fmt: skip
    for written, expected in wanted.items():
        for asked_as in (written, {"query": written, "refId": "A"}):
            variable = {"name": "v", "type": "query", "datasource": PROMETHEUS, "query": asked_as}
            got, _ = only(classic(templating={"list": [variable]}))
            assert ([expected] if expected else []) == [q.text.text for q in got.variables]


@pytest.mark.parametrize(("source", "expression", "language"), [
    (LOKI, '{job="x"} |= "err"', "logql"), (PROMETHEUS, "up", "promql"), (None, "up", "promql"),
    (None, 'rate({a="b"} |= "e" [5m])', "logql"), ("${logs}", '{a="b"}', "logql"),
    ({"uid": "${DS_P}"}, "up", "promql"), ({"type": "influxdb"}, "x", None),
    ({"type": "loki", "uid": "${logs}"}, '{a="b"}', "logql"),
])  # fmt: skip
def test_language_comes_from_the_data_source(
    source: object, expression: str, language: str | None
) -> None:
    """The data source says which language a query is in; where it does not, the query does."""
    target = {"refId": "A", "expr": expression, "datasource": source}
    got, _ = only(classic(
        __inputs=[{"name": "DS_P", "pluginId": "prometheus"}],
        templating={"list": [{"name": "logs", "type": "datasource", "query": "loki"}]},
        panels=[{"id": 1, "targets": [target], "datasource": PROMETHEUS if source else None}],
    ))  # fmt: skip

    assert ([language] if language else []) == [query.language for query in got.queries]


def test_placeholders_are_what_no_variable_fills_in() -> None:
    """An import's placeholder is noted once, unless a variable of the dashboard has its name."""
    variables = [{"name": "DS_LOKI", "type": "datasource", "query": "loki"}]
    got, text = only(classic(
        templating={"list": variables},
        panels=[panel("up", datasource=name) for name in ("${DS_P}", "${DS_P}", "${DS_LOKI}")],
    ))  # fmt: skip

    assert [name for name, _ in got.placeholders] == ["DS_P"]
    assert text[got.placeholders[0][1].start : got.placeholders[0][1].end] == "${DS_P}"


def test_annotations_ask_too() -> None:
    """Queries of annotations are read in both places where Grafana keeps them."""
    items = [{"datasource": PROMETHEUS, "expr": "a"}, {"target": {"expr": "b"}}, {"builtIn": 1}]
    got, _ = only(classic(annotations={"list": items}))

    assert asked(got) == ["up", "a", "b"]


@pytest.mark.parametrize("content", [
    {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json"},
    {"panels": ["kitchen", "hall"], "title": "Home"},
    {"dashboard": {"title": "Homepage", "columns": 3}},
])  # fmt: skip
def test_other_tools_files_are_no_dashboards(content: object) -> None:
    """What has a `schemaVersion`, `panels` or a `dashboard` need not be Grafana's."""
    plan, _ = plan_of(content)

    assert plan.dashboards == ()
    assert not plan.facets


def test_provisioning() -> None:
    """Data sources and providers are read with what checks need of them."""
    plan, _ = plan_of(
        "apiVersion: 1\ndatasources:\n"
        "  - {name: P, uid: p, type: prometheus, url: 'http://p:9090', isDefault: true,\n"
        "     jsonData: {timeInterval: 15s}}\n"
        "  - {name: L, type: loki}\n  - 7\n  - {type: loki}\n",
        "datasources/all.yaml",
    )

    assert [
        (d.name.text, d.uid.text if d.uid else None, d.kind, d.default, d.time_interval)
        for d in plan.datasources
    ] == [("P", "p", "prometheus", True, 15.0), ("L", None, "loki", False, None)]
    assert plan.knows("datasources")

    plan, text = plan_of(
        "providers:\n  - {name: lab, folder: Lab, type: file, options: {path: /var/lib/d}}\n"
        "  - {name: x}\n  - {options: {folder: /old}}\n",
        "dashboards/all.yaml",
    )
    assert [(p.name, p.folder, text[p.at.start : p.at.end]) for p in plan.providers] == [
        ("lab", "Lab", "/var/lib/d"),
        ("old", "", "/old"),
    ]
