"""What is watched is what the lab says, and labkeeper's own checks find no fault in the files."""

import json
import re
from pathlib import Path

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS
from labkeeper.targets import Configuration
from labkeeper.targets.compile import CONFIGURATIONS
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring import prometheus
from tests.programs import program, said
from tests.targets.labs import NAMES, ground, text_of

LAB = """
lab: small
hosts:
  box: {target: quadlet, address: 10.0.0.2}
  pi: {target: none, address: 10.0.0.3}
services: {prometheus: {on: box}, alertmanager: {on: box}, node-exporter: {on: box}, MORE}
notify: {channels: {hook: {webhook: "http://hook.example/x"}}, routes: {critical: [hook]}}
monitoring: {interval: 10s, MONITORING}
secrets: {store: files, folder: /s, names: [key]}
"""


def lab(more: str = "blackbox-exporter: {on: box}", monitoring: str = "logs: 7d") -> Ground:
    return ground(LAB.replace("MORE", more).replace("MONITORING", monitoring))


def arguments(base: Ground, service: str) -> list[str]:
    return [word.text for word in base.containers["box", service].command]


@pytest.mark.parametrize("name", NAMES)
def test_an_audit_finds_nothing(name: str) -> None:
    """Every rule, route, panel and pipeline of the examples passes all of labkeeper's checks."""
    base = ground(text_of(name))
    files = [f for make in CONFIGURATIONS for f in make(base) if isinstance(f, Configuration)]
    texts = {f"{file.host}/{file.place}": file.body for file in files}
    verdict = judge(Folder(texts), [check for check in CHECKS if check.by_default])

    assert len(verdict.plan.rules) == len(base.plan.rules)
    assert len(verdict.plan.dashboards) == len(base.plan.dashboards)
    assert [f"{each.check}: {each.message}" for each in verdict.findings] == []


AWAY = """
lab: home
hosts:
  box: {target: quadlet, address: 10.0.0.2}
  laptop: {target: none, address: 10.0.0.3, features: {laptop: }}
  other: {target: quadlet, address: 10.0.0.4, features: {laptop: ABSENT}}
services:
  prometheus: {on: box}
  alertmanager: {on: box}
  node-exporter: {on: [box, other]}
  blackbox-exporter: {on: [box, other]}
"""


@pytest.mark.parametrize(
    ("absent", "left_out"),
    [
        ("", ',host!~"laptop|other"'),
        ("{charge-to: 80%}", ',host!~"laptop|other"'),
        ("{absent-is-fine: off}", ',host!="laptop"'),
    ],
)
def test_nobody_is_told_of_a_laptop_that_sleeps(absent: str, left_out: str) -> None:
    """What does not answer is told, but for hosts whose absence is fine; those ask nobody."""
    plan = ground(AWAY.replace("ABSENT", absent)).plan
    exprs = {rule.name.text: rule.expr.text for rule in plan.rules}

    assert exprs["HostDown"] == f'up{{job="node-exporter"{left_out}}} == 0'
    assert exprs["TargetDown"] == f'up{{job!="node-exporter"{left_out}}} == 0'
    assert exprs["HostUnreachable"] == f'probe_success{{probe="icmp"{left_out}}} == 0'
    assert exprs["ProbeFails"] == f'probe_success{{probe="http"{left_out}}} == 0'
    asking = {probe.asked_by for probe in plan.probes if probe.kind == "icmp"}
    assert asking == ({"box", "other"} if "off" in absent else {"box"})


@pytest.mark.parametrize("path", ['/mnt/a "b"', "/mnt/a\\b", "/mnt/{{a}}", "/mnt/50% $x"])
def test_a_tier_may_have_any_path(path: str, tmp_path: Path) -> None:
    """promtool takes the alerts of a tier, and they look at that very path."""
    text = f"""
lab: home
hosts: {{box: {{target: quadlet, tiers: {{odd: {{path: '{path}'}}}}}}}}
services: {{prometheus: , node-exporter: }}
"""
    base = ground(text)
    rules = [f for f in prometheus.configurations(base) if f.name.startswith("rules/storage")]
    (tmp_path / "rules.yml").write_text(rules[0].body, "utf-8")
    status, told = said(program("promtool"), "check", "rules", str(tmp_path / "rules.yml"))
    [mounted] = [r.expr.text for r in base.plan.rules if r.name.text == "TierNotMounted"]

    assert status == 0, told
    assert json.loads(re.findall(r'mountpoint=("(?:[^"\\]|\\.)*")', mounted)[0]) == path


def test_a_promise_is_kept() -> None:
    """A critical alert holds no longer than a promise leaves: 60 - 10 - 10 - 10 are 30 seconds."""
    holds = {rule.name.text: rule.hold for rule in lab(monitoring="detect-within: 60s").plan.rules}

    assert holds["HostDown"] == 30
    assert holds["HostRebootLoop"] == 30
    assert holds["HostMemoryLow"] == 900


def test_without_a_promise_alerts_take_their_time() -> None:
    """What the catalog says holds where the lab says nothing."""
    holds = {rule.name.text: rule.hold for rule in lab().plan.rules}

    assert holds["HostDown"] == 300


def test_a_promise_that_nobody_can_keep_waits_for_nothing() -> None:
    """There is no time to spend: the check of promises tells the rest."""
    holds = {rule.name.text: rule.hold for rule in lab(monitoring="detect-within: 5s").plan.rules}

    assert holds["HostDown"] == 0


@pytest.mark.parametrize(
    ("retention", "flags"),
    [
        ("{time: 90d, size: 20GiB}", ["time=90d", "size=20GB"]),
        ("{time: 2w}", ["time=14d"]),
        ("{size: 1500MB}", ["time=30d", "size=1500000000B"]),
    ],
)
def test_measurements_are_kept_as_long_as_said(retention: str, flags: list[str]) -> None:
    """Prometheus is told by flags, in its own units, in which `GB` is 1024-based."""
    given = arguments(lab(monitoring=f"retention: {retention}"), "prometheus")

    assert given[2:] == [f"--storage.tsdb.retention.{flag}" for flag in flags]


def test_hosts_ask_each_other() -> None:
    """A host with a prober pings the others, under the module that pings."""
    base = lab()
    [job] = [job for job in base.plan.scrapes if job.name.text == "blackbox-icmp"]

    assert [target.address.text for target in job.targets] == ["10.0.0.3"]
    assert [value.text for value in dict(job.parameters)["module"]] == ["icmp"]
    assert dict(job.targets[0].labels or ())["probe"] == "icmp"


def test_a_tunnel_is_asked_through_its_gateway() -> None:
    """Whether it stands, and whether something outside was seen through it, are two questions."""
    gluetun = "gluetun: {on: box, vpn: {provider: mullvad, key: secret:key}}"
    base = lab(f"blackbox-exporter: {{on: box}}, {gluetun}")
    asked = {
        job.name.text: [target.address.text for target in job.targets]
        for job in base.plan.scrapes
        if job.name.text in {"blackbox-tunnel", "blackbox-egress"}
    }

    assert asked == {
        "blackbox-tunnel": ["http://gluetun:8000/v1/vpn/status"],
        "blackbox-egress": ["http://gluetun:8000/v1/publicip/ip"],
    }
    assert {"VpnTunnelDown", "VpnWithoutEgress"} <= {rule.name.text for rule in base.plan.rules}


def test_a_lab_without_a_prober_asks_nobody() -> None:
    """There is no job, no rule and no link where nobody could ask."""
    base = lab("navidrome: {on: box}")

    assert not [job for job in base.plan.scrapes if job.name.text.startswith("blackbox")]
    assert not base.plan.probes


def test_alertmanager_is_told_once() -> None:
    """Two reasons to reach it are one address."""
    [server] = lab().plan.prometheuses

    assert [address.text for address in server.alertmanagers] == ["alertmanager:9093"]


def test_who_is_muted_exists() -> None:
    """Every alert that another one speaks for is in the catalog, and never a graver one."""
    alerts = {a.name: a for each in shipped_catalog().services.every for a in each.alerts}
    grave = ("info", "warning", "critical")

    for alert in alerts.values():
        for name in alert.mutes:
            assert grave.index(alerts[name].severity) <= grave.index(alert.severity), name
            assert name != alert.name


def test_metrics_behind_a_flag_are_switched_on() -> None:
    """No rule or panel of an example asks for what its exporter was not told to show."""
    for name in NAMES:
        base = ground(text_of(name))
        known = base.catalog.contracts
        for rule in base.plan.rules:
            for metric, found in known.by_metric.items():
                needs = {each.metric.needs for each in found}
                if None not in needs and metric in rule.expr.text:
                    pytest.fail(f"{rule.name.text} asks for {metric}, which needs {needs}")


ARC = """
rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series:
      - {series: 'node_memory_MemTotal_bytes{instance="a"}', values: '100+0x40'}
      - {series: 'node_memory_MemAvailable_bytes{instance="a"}', values: '5+0x40'}
      - {series: 'node_zfs_arc_size{instance="a"}', values: '50+0x40'}
      - {series: 'node_zfs_arc_c_min{instance="a"}', values: '3+0x40'}
      - {series: 'node_memory_MemTotal_bytes{instance="b"}', values: '100+0x40'}
      - {series: 'node_memory_MemAvailable_bytes{instance="b"}', values: '5+0x40'}
    promql_expr_test:
      - expr: 'count by (instance) (ALERTS{alertname="HostMemoryLow",alertstate="firing"})'
        eval_time: 30m
        exp_samples: [{labels: '{instance="b"}', value: 1}]
"""


def test_the_cache_of_zfs_is_memory_that_is_left(tmp_path: Path) -> None:
    """A host whose memory ZFS holds is well, for ZFS gives it back; one without ZFS is not."""
    files = prometheus.configurations(lab())
    [body] = [each.body for each in files if each.name == "rules/system.yml"]
    (tmp_path / "rules.yml").write_text(body, "utf-8")
    (tmp_path / "test.yml").write_text(ARC, "utf-8")
    status, told = said(program("promtool"), "test", "rules", "test.yml", cwd=tmp_path)

    assert status == 0, told
