"""No file, however strange, stops Grafana's readers, and every place they give is in the file."""

import json
import os
from dataclasses import fields, is_dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, judge
from labkeeper.audit.grafana_macros import substitute
from labkeeper.audit.stack import read_stack
from labkeeper.checks import grafana
from labkeeper.source import Slice, Span

COUNT = int(os.environ.get("LK_FUZZ", "300"))
FUZZ = settings(
    max_examples=COUNT, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip

KEYS = st.sampled_from([
    "dashboard", "panels", "rows", "title", "uid", "id", "type", "targets", "expr", "refId",
    "datasource", "templating", "list", "name", "query", "annotations", "target", "spec",
    "metadata", "apiVersion", "kind", "elements", "data", "queries", "variables", "vizConfig",
    "group", "fieldConfig", "defaults", "unit", "yaxes", "__inputs", "__elements", "model",
    "pluginId", "options", "value", "schemaVersion", "datasources", "providers", "path",
    "jsonData", "timeInterval", "isDefault", "orgId", "folder", "interval", "libraryPanel",
])  # fmt: skip
PARTS = st.sampled_from([
    "$", "${", "}", "[[", "]]", "[", "]", "(", ")", "{", '"', "'", "`", "\\", "job", "=", "=~",
    "$__rate_interval", "${DS_X}", "${a:regex}", "[[b]]", "label_values(", "query_result(", ",",
    "rate(", " by ", "topk(", "#", "\n", "up", "5m", "offset ", "é", "\U0001f600", "\ud800", "|",
    "dashboard.grafana.app/v2", "dashboard.grafana.app/v1", "prometheus", "loki", "QueryVariable",
    "-", "99999999999999999999", "1e999", "NaN", "",
])  # fmt: skip
TEXTS = st.lists(PARTS, max_size=8).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)
LOOKS = st.sampled_from([
    {"schemaVersion": 1, "panels": [{"type": "x"}], "title": "t"},
    {"apiVersion": "dashboard.grafana.app/v2"},
    {"datasources": [{"type": "prometheus", "name": "a"}]},
    {"providers": [{"options": {"path": "/a"}}]},
    {},
])  # fmt: skip


def spans(value: object) -> list[Span]:
    """Every place that is anywhere in a value."""
    match value:
        case Span():
            return [value]
        case Slice():
            return [value.span]
        case tuple() | list():
            return [span for item in value for span in spans(item)]
        case _ if is_dataclass(value):
            return [span for field in fields(value) for span in spans(getattr(value, field.name))]
    return []


@FUZZ
@given(VALUES.filter(lambda value: isinstance(value, dict)), LOOKS, st.booleans())
def test_any_tree_is_read(value: dict[str, object], looks: dict[str, object], plain: bool) -> None:
    """Values of any type at any key give a plan whose places are in the file, and no exception."""
    text = json.dumps({**looks, **value}, ensure_ascii=not plain, allow_nan=False)\
        if _finite(value) else "{}"  # fmt: skip
    folder = Folder({"a.json": text})
    verdict = judge(folder, grafana.CHECKS)

    for span in spans(verdict.plan) + [f.at for f in verdict.findings if f.at]:
        assert 0 <= span.start <= span.end <= len(text)


def _finite(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@FUZZ
@given(TEXTS, st.dictionaries(st.sampled_from("abn"), st.sampled_from(["number", "duration"])))
def test_any_query_is_substituted(written: str, shapes: dict[str, object]) -> None:
    """What is left of a query keeps its places, whatever its quotes and brackets do."""
    got = substitute(Slice.whole("a", written), shapes).text  # type: ignore[arg-type]

    # A comment is left as it is.
    assert "#" in written or "$__rate_interval" not in got.text
    for at in range(len(got.text)):
        span = got.within(at, at + 1)
        assert 0 <= span.start <= span.end <= len(written)
        if span.end == span.start + 1 and "$" not in written and "[[" not in written:
            assert got.text[at] == written[span.start]


@FUZZ
@given(st.text(max_size=40))
def test_places_in_strings_are_exact(text: str) -> None:
    """Each character of a JSON string points at itself or at the escape that it was written as."""
    shown = json.dumps({"providers": [{"options": {"path": f"{text}$"}}]})
    (provider,) = read_stack(Folder({"a.json": shown}), ()).plan.providers

    assert provider.path is not None
    for at, character in enumerate(provider.path.text):
        span = provider.path.within(at, at + 1)
        assert json.loads(f'"{shown[span.start : span.end]}"') == character
