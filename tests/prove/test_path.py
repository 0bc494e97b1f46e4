"""The whole path on real servers: what is proven to arrive does, in the time that was proven."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.cli import main
from tests.ports import free_port
from tests.prove.servers import (
    Exporter,
    Told,
    asked,
    exporter,
    running,
    serving,
    until,
    webhook,
)

pytestmark = pytest.mark.testbed

# Servers and this test share a machine with others: that much later nothing is slow.
SLACK = 1.5
WELL = {"node_load1": 0.5, "node_filesystem_avail_bytes": 8e11, "node_filesystem_size_bytes": 1e12}
WRONG = {"node_load1": 99.0, "node_filesystem_avail_bytes": 1e9}
ERRORS = 'node_network_receive_errs_total{device="eth0"}'
RULES = """\
groups:
  - name: a
    rules:
      - record: instance:free:ratio
        expr: node_filesystem_avail_bytes / node_filesystem_size_bytes
      - {alert: Busy, expr: node_load1 > 64, for: 3s}
      - {alert: Filling, expr: 'instance:free:ratio < 0.05', for: 2s}
      - {alert: Errors, expr: 'rate(node_network_receive_errs_total[6s]) > 10'}
      - {alert: Gone, expr: 'up{job="node"} == 0', for: 2s}
      - {alert: Dead, expr: 'up{job="nobody"} == 0'}
      - {alert: DeadRatio, expr: 'instance:free:ratio > 5'}
"""


@dataclass
class Bed:
    """The servers, and what `labkeeper prove` says of their files."""

    exporter: Exporter
    told: Told
    proofs: dict[str, dict[str, object]]
    target: ExitStack
    prometheus: int

    def bound(self, alert: str, which: str) -> float:
        """The seconds that were proven."""
        found = self.proofs[alert][which]
        assert isinstance(found, int)
        return found + SLACK


def configured(folder: Path, target: int, alertmanager: int, hook: int) -> None:
    """The files that the servers run with, and that are proven."""
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
        "rule_files: [rules.yml]\n"
        "alerting:\n"
        f"  alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]\n"
        "scrape_configs:\n"
        f"  - {{job_name: node, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}\n"
    )
    (folder / "rules.yml").write_text(RULES)
    (folder / "alertmanager.yml").write_text(
        "route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 3s}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: 'http://127.0.0.1:{hook}/'}}]}}]\n"
    )


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    target, prometheus, alertmanager, hook = (free_port() for _ in range(4))
    configured(tmp_path, target, alertmanager, hook)
    result = CliRunner().invoke(main, ["prove", str(tmp_path), "--json"])
    proofs = {each["alert"]: each for each in json.loads(result.stdout)["alerts"]}
    source, told = Exporter(dict(WELL), {ERRORS: 0.0}), Told()
    with serving(hook, webhook(told)), ExitStack() as up:
        up.enter_context(serving(target, exporter(source)))
        with running(tmp_path, prometheus, alertmanager):
            until(lambda: asked(prometheus, "instance:free:ratio") == 1, "all is recorded")
            yield Bed(source, told, proofs, up, prometheus)


def test_what_is_proven_comes_true(bed: Bed) -> None:
    """Alerts that are said to arrive and to resolve do both in time; dead ones stay dead."""
    living = ["Busy", "Filling", "Errors"]
    for name in living:
        assert [bed.proofs[name][key] for key in ("fires", "resolves", "arrives")] == ["yes"] * 3
    assert [bed.proofs[name]["fires"] for name in ("Dead", "DeadRatio")] == ["no", "no"]
    time.sleep(8)
    assert bed.told.messages == []

    bed.exporter.values.update(WRONG)
    bed.exporter.rates[ERRORS] = 100.0
    arrive(bed, living, "firing", "fires_after")
    bed.exporter.values.update(WELL)
    bed.exporter.rates[ERRORS] = 0.0
    arrive(bed, living, "resolved", "resolves_after")

    assert {name for name, _, _ in bed.told.messages} == set(living)


def test_a_target_that_goes_away(bed: Bed) -> None:
    """`up` is Prometheus's own: a target that nobody answers for is told of in time."""
    assert bed.proofs["Gone"]["arrives"] == "yes"

    bed.target.close()
    arrive(bed, ["Gone"], "firing", "fires_after")

    assert {name for name, _, _ in bed.told.messages} == {"Gone"}


def arrive(bed: Bed, alerts: list[str], status: str, which: str) -> None:
    """Each of these is told of within its own bound."""
    start = time.monotonic()
    longest = max(bed.bound(name, which) for name in alerts)
    until(
        lambda: all(bed.told.when(name, status, start) for name in alerts),
        f"{alerts} are told of as {status}: {bed.told.messages}", longest,
    )  # fmt: skip
    took = {name: (bed.told.when(name, status, start) or 0.0) - start for name in alerts}

    assert {n: t for n, t in took.items() if t > bed.bound(n, which)} == {}
