import pytest

from labkeeper.audit import Folder, read_stack
from labkeeper.audit.rules import language
from labkeeper.plan import Plan

TEXT = """\
groups:
  - name: disks
    interval: 30s
    rules:
      - alert: DiskFull
        expr: |
          node_filesystem_avail_bytes
            / node_filesystem_size_bytes < 0.1
        for: 5m
        keep_firing_for: 10m
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.device }} is full"}
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: {not: text}
"""


def read(name: str, text: str) -> Plan:
    return read_stack(Folder({name: text}), ()).plan


def test_rules() -> None:
    """Rules keep what they say, and where each part of an expression stands."""
    found = read("rules.yml", TEXT)
    disk, record = found.rules

    assert (
        disk.kind,
        disk.name.text,
        disk.group,
        disk.hold,
        disk.keep_firing,
        disk.interval,
    ) == ("alert", "DiskFull", "disks", 300.0, 600.0, 30.0)
    at = disk.expr.find("node_filesystem_size_bytes")
    assert TEXT[at.start : at.end] == "node_filesystem_size_bytes"
    assert [(name, value.text) for name, value in disk.labels] == [("severity", "critical")]
    assert (record.kind, record.name.text, record.hold) == ("record", "job:up:sum", None)
    assert found.rule_files[0].groups == ("disks",)


def test_bare_list() -> None:
    """A list of rules without groups, as guides show it, is read as well."""
    found = read("rules.yml", "- alert: A\n  expr: up == 0\n")

    assert [rule.name.text for rule in found.rules] == ["A"]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('sum(rate({app="x"} |= "error" [5m])) > 1', "logql"),
        ('count_over_time({job="x"}[5m]) > 0', "logql"),
        ('{job="x"} | json | level="error"', "logql"),
        ('rate({__name__="http_requests_total"}[5m])', "promql"),
        ('up{job=~"a|b"} == 0', "promql"),
        ('up{job="x"} # this | that', "promql"),
        ('{job="x"} == 0', "promql"),
    ],
)
def test_language(expr: str, expected: str) -> None:
    """LogQL is told from PromQL by what PromQL cannot say."""
    assert expected == language(expr)
