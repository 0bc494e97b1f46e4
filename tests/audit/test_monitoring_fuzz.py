"""No text and no tree makes a reader of the monitoring files, or a check of them, fail."""

import json
import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, judge
from labkeeper.checks import CHECKS

EXAMPLES = int(os.environ.get("LK_FUZZ", "300"))

PROMETHEUS: dict[str, Any] = {
    "global": {"scrape_interval": "15s", "external_labels": {"a": "b"}},
    "rule_files": ["rules/*.yml", "/etc/prometheus/a.yml"],
    "scrape_config_files": ["jobs/*.yml"],
    "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["am:9093"]}]}]},
    "remote_write": [{"url": "http://x"}],
    "scrape_configs": [
        {
            "job_name": "node",
            "scrape_timeout": "1h",
            "metrics_path": "/probe",
            "params": {"module": ["a"], "target": ["b"]},
            "static_configs": [{"targets": ["nas:9100", "http://x/y"], "labels": {"r": "a"}}],
            "file_sd_configs": [{"files": ["targets.json"]}],
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "instance", "regex": "(.*):.*"},
                {"action": "hashmod", "source_labels": ["r"], "modulus": 3, "target_label": "s"},
                {"action": "labelmap", "regex": "__meta_(.+)"},
            ],
            "metric_relabel_configs": [{"action": "drop", "regex": "go_.*"}],
        }
    ],
}
RULES: dict[str, Any] = {
    "groups": [
        {
            "name": "g",
            "interval": "30s",
            "rules": [
                {
                    "alert": "A",
                    "expr": "up == 0",
                    "for": "5m",
                    "labels": {"severity": "critical"},
                    "annotations": {"summary": "{{ $labels.x }}", "detect_within": "1m"},
                }
            ],
        }
    ]
}
ALERTMANAGER: dict[str, Any] = {
    "route": {
        "receiver": "a",
        "group_wait": "0s",
        "routes": [
            {"receiver": "b", "matchers": ['severity="crit"']},
            {"match": {"severity": "crit"}, "match_re": {"a": "b|c"}, "routes": [{}]},
        ],
    },
    "receivers": [
        {
            "name": "a",
            "webhook_configs": [{"url": "http://a:1", "title": "{ range .Alerts }"}],
        },
        {"name": "b", "slack_configs": [{"text": "{{ range .Alerts }}{{ .Labels }}{{ end }}"}]},
    ],
    "inhibit_rules": [{"source_match": {"severity": "a"}, "target_match": {"severity": "b"}}],
    "templates": ["*.tmpl"],
}
FILES = {"prometheus.yml": PROMETHEUS, "rules/r.yml": RULES, "alertmanager.yml": ALERTMANAGER,
         "targets.json": [{"targets": ["a:1"], "labels": {"b": "c"}}],
         "blackbox.yml": {"modules": {"a": {"prober": "http"}}}}  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.text(max_size=8)
    | st.sampled_from(["$X", "${X}", "{{", "(", "1h", "a:1", "(x+)+y", "[[:a:]]", "\\p{L}"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [way]
    if isinstance(value, dict | list):
        for key, item in inner:
            found += places(item, (*way, key)) if isinstance(item, dict | list) else [(*way, key)]
    return found


def put(value: Any, way: tuple[Any, ...], junk: Any) -> Any:
    if not way:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = put(copy[way[0]], way[1:], junk)
    return copy


def survives(texts: dict[str, str]) -> None:
    judge(Folder({"a.tmpl": "{{ define `a` }}", **texts}), CHECKS)


@given(st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_trees(data: st.DataObject) -> None:
    """Any value in the place of any other is survived."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    damaged = put(FILES[name], data.draw(st.sampled_from(places(FILES[name]))), data.draw(JUNK))

    survives({n: json.dumps(damaged if n == name else tree) for n, tree in FILES.items()})


@given(st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_texts(data: st.DataObject) -> None:
    """Any damage to a text is survived."""
    texts = {name: json.dumps(tree, indent=1) for name, tree in FILES.items()}
    name = data.draw(st.sampled_from(sorted(FILES)))
    text = texts[name]
    for _ in range(data.draw(st.integers(1, 4))):
        at, size = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 12))
        new = data.draw(st.text(max_size=6) | st.sampled_from(["{{", "}", "[", "$(", "\n", '"']))
        text = text[:at] + new + text[at + size :]

    survives({**texts, name: text})
