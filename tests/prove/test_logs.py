"""Alerts on log lines: what is sure of them, and what is not."""

import pytest

from tests.prove.stacks import alert, proofs, rules

PROMTAIL = """\
clients: [{url: 'http://loki:3100/loki/api/v1/push'}]
scrape_configs:
  - job_name: journal
    journal: {labels: {host: nas}}
    relabel_configs: [{source_labels: [__journal__systemd_unit], target_label: unit}]
"""
COMPOSE = """\
services:
  loki: {image: "grafana/loki:3.5.7"}
  promtail:
    image: grafana/promtail:3.5.7
    volumes: ["./promtail.yaml:/etc/promtail/config.yml:ro"]
"""
LOKI = "auth_enabled: false\nschema_config: {configs: []}\n"


def said(expr: str, **more: str) -> tuple[str, str]:
    """Whether it fires, and why."""
    texts = {
        "promtail.yaml": PROMTAIL, "compose.yaml": COMPOSE, "loki.yaml": LOKI,
        "rules.yaml": rules(alert(expr)),
        **{name.replace("__", "."): text for name, text in more.items()},
    }  # fmt: skip
    [proof] = proofs({name: text for name, text in texts.items() if text}, judged=False).proofs
    return proof.fires, proof.reason


COUNTED = "sum(count_over_time({%s}[5m])) > 0"
NEVER = [
    ('{unit="ssh.service"} |= "x"', "it finds lines and no numbers"),
    (COUNTED % 'unit=~".*"', "asks for no label that must be there"),
    (COUNTED % 'unit=~"(?=x).+"', "so Loki refuses it"),
    ('count_over_time({unit="a"} |= "x") > 0', "is not told over how long a time"),
    (COUNTED % 'unit="a", unit="b"', "`unit` is to be two values at once"),
    (COUNTED % 'unit="a", unit!="a"', "`unit` is to be two values at once"),
    (COUNTED % 'container="sonarr"', "no collector gives logs the label `container`"),
    (COUNTED % 'unit="a", pod!=""', "no collector gives logs the label `pod`"),
]


@pytest.mark.parametrize(("expr", "why"), NEVER)
def test_some_can_never_fire(expr: str, why: str) -> None:
    """Loki refuses them, or no stream has what they ask for."""
    fires, reason = said(expr)

    assert (fires, why in reason) == ("no", True), reason


OPEN = [
    COUNTED % 'unit="ssh.service"',
    COUNTED % 'host="nas", filename=~"/var/.*", detected_level="error"',
    # A stream without the label is as good.
    COUNTED % 'unit="a", pod!="x"',
    COUNTED % 'unit="a", unit=~"b|a"',
    'absent_over_time({container="x"}[5m])',
    'sum(count_over_time({container="x"}[5m])) or vector(1)',
    '(count_over_time({container="x"}[5m]) > 0) or (count_over_time({unit="x"}[5m]) > 0)',
]


@pytest.mark.parametrize("expr", OPEN)
def test_of_lines_no_file_tells(expr: str) -> None:
    """What depends on the lines, or on what is not there, is not proven."""
    assert said(expr)[0] == "not-proven"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"compose__yaml": COMPOSE.replace("loki:3.5.7\"", 'loki:3.5.7", ports: ["3100:3100"]')},
         "what else sends logs is not known"),
        ({"compose__yaml": COMPOSE + "  fluent: {image: 'fluent/fluent-bit:4.1'}\n"}, "what else"),
        ({"compose__yaml": COMPOSE.replace("promtail:", "alloy: {image: 'grafana/alloy:v1.11.3'}\n"
                                           "  promtail:", 1)}, "what else"),
        ({"compose__yaml": COMPOSE + "  mine: {image: '${MINE}'}\n"}, "what else"),
        ({"compose__yaml": ""}, "what else"),
        ({"promtail__yaml": PROMTAIL.replace("target_label: unit", "action: labelmap")},
         "whether such lines are written, no file tells"),
        ({"config__alloy": 'loki.source.api "x" { forward_to = [] }\n'}, "no file tells"),
        ({"config__alloy": 'loki.process "x" { stage.labels { values = { container = "" } } }\n'},
         "no file tells"),
        ({"promtail__yaml": ""}, "no file tells"),
    ],
)  # fmt: skip
def test_labels_that_others_may_give(more: dict[str, str], why: str) -> None:
    """Where somebody else may send logs, a label that no collector gives proves nothing."""
    fires, reason = said(COUNTED % 'container="sonarr"', **more)

    assert (fires, why in reason) == ("not-proven", True), reason


def test_rules_that_loki_does_not_find() -> None:
    """It looks into folders of tenants, and for nothing beside them."""
    loki = LOKI + "ruler: {storage: {type: local, local: {directory: ./rules}}}\n"
    text = rules(alert(COUNTED % 'unit="ssh.service"'))
    found = [
        proofs({"loki.yaml": loki, path: text}, judged=False).proofs[0].fires
        for path in ("rules/logs.yml", "rules/fake/logs.yml")
    ]

    assert found == ["no", "not-proven"]
