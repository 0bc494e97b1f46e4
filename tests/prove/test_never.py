"""Alerts that their author's own unit test passes, and that never fire where they are deployed."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.programs import program
from tests.prove.stacks import NODE, alert, proved


@dataclass(frozen=True)
class Dead:
    """An alert, the series that its author feeds it in a test, and what is said of it."""

    expr: str
    # Series of the author's own test, all from the start to the end.
    fed: tuple[str, ...]
    reason: str
    hold: str = ""
    jobs: tuple[str, ...] = (NODE,)
    scrape: str = "15s"


def job(name: str, target: str, more: str = "") -> str:
    return f"{{job_name: {name}, static_configs: [{{targets: ['{target}']}}]{more}}}"


DROPPED = (
    ", metric_relabel_configs: [{source_labels: [__name__], regex: 'node_timex_.*', action: drop}]"
)
DEAD = {
    "another exporter's metric": Dead(
        "nvidia_gpu_temperature_celsius > 80", ("nvidia_gpu_temperature_celsius{} 90",),
        "is a metric of mindprince's", jobs=(job("gpu", "gpu:9835"),),
    ),
    "a metric that was renamed": Dead(
        "node_memory_MemAvailable < 1e9", ("node_memory_MemAvailable{} 1",),
        "`node_memory_MemAvailable` is called `node_memory_MemAvailable_bytes`",
    ),
    "a job that there is not": Dead(
        'up{job="node-exporter"} == 0', ('up{job="node-exporter"} 0',),
        "no job is called `node-exporter`",
    ),
    "a ratio compared with a percentage": Dead(
        "nvidia_smi_utilization_gpu_ratio > 90", ("nvidia_smi_utilization_gpu_ratio{} 95",),
        "it goes from 0 to 1", jobs=(job("gpu", "gpu:9835"),),
    ),
    "a share of a disk compared with a percentage": Dead(
        "(node_filesystem_size_bytes - node_filesystem_avail_bytes) / node_filesystem_size_bytes "
        "> 90",
        ("node_filesystem_size_bytes{} 100", "node_filesystem_avail_bytes{} -9900"),
        "is never > 90: it goes from 0 to 1",
    ),
    "more free than there is": Dead(
        "node_memory_MemAvailable_bytes > node_memory_MemTotal_bytes",
        ("node_memory_MemAvailable_bytes{} 2", "node_memory_MemTotal_bytes{} 1"),
        "is never on that side",
    ),
    "a metric that relabelling drops": Dead(
        "node_timex_sync_status == 0", ("node_timex_sync_status{} 0",),
        "is dropped when it is scraped", jobs=(job("node", "nas:9100", DROPPED),),
    ),
    "a range shorter than the scrape interval": Dead(
        "rate(node_network_receive_errs_total[2m]) > 1",
        ("node_network_receive_errs_total{} 0+600x100",),
        "`rate()` needs two samples, and there are never two in 2m", scrape="5m",
    ),
    "labels that never meet": Dead(
        'node_filesystem_avail_bytes{mountpoint="/"} / node_memory_MemTotal_bytes < 1',
        ('node_filesystem_avail_bytes{mountpoint="/"} 1',
         'node_memory_MemTotal_bytes{mountpoint="/"} 2'),
        "only the left side has the label `mountpoint`",
    ),
    "jobs that never meet": Dead(
        'up{job="node"} == 0 and ignoring (job) up{job="gpu"} == 1',
        ('up{job="node"} 0', 'up{job="gpu"} 1'),
        "`instance` is `nas:9100` or `pi:9100` on one side and `gpu:9835` on the other",
        jobs=(NODE, job("gpu", "gpu:9835")),
    ),
    "what a target that is down still says": Dead(
        'up{job="node"} == 0 and on (instance) node_load1 > 8',
        ('up{job="node",instance="nas:9100"} 0', 'node_load1{instance="nas:9100"} 9'),
        "while `up` is 0 there is no `node_load1` of the same target",
    ),
    "scraped too seldom to be seen that long": Dead(
        "node_timex_sync_status == 0", ("node_timex_sync_status{} 0",),
        "is only seen for 5m at a time", hold="10m", scrape="10m",
    ),
    "a quorum of more targets than there are": Dead(
        'count(up{job="node"} == 0) > 2',
        tuple(f'up{{job="node",instance="{n}"}} 0' for n in range(3)),
        "is never > 2",
    ),
    "an absence that has no such labels": Dead(
        "node_load1 > 8 and absent(nvidia_smi_temperature_gpu)", ("node_load1{} 9",),
        "only the left side has the label `instance`",
        jobs=(NODE, job("gpu", "gpu:9835")),
    ),
    "a state that there is not": Dead(
        'node_systemd_unit_state{state="crashed"} == 1',
        ('node_systemd_unit_state{state="crashed"} 1',),
        "`state` of `node_systemd_unit_state` is never `crashed`",
    ),
    "two conditions that exclude each other": Dead(
        "node_load1 > 8 and node_load1 < 4", (),
        "`node_load1` cannot be above 8 and below 4 at once",
    ),
    "an hour that no clock shows": Dead(
        'up{job="node"} == 0 and on () hour() > 23', (), "is never > 23",
    ),
    "more changes than there are samples": Dead(
        "changes(node_boot_time_seconds[1m]) > 10", (), "is never > 10",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEAD)
def test_cannot_fire(name: str) -> None:
    """It is said that the alert cannot fire, and why; for that, nobody has to ask promtool."""
    dead = DEAD[name]

    proof = proved(alert(dead.expr, dead.hold), jobs=dead.jobs, scrape=dead.scrape, judged=False)

    assert (proof.fires, dead.reason in proof.reason) == ("no", True), proof.reason


def test_their_own_unit_tests_pass(tmp_path: Path) -> None:
    """promtool has no objection to any, as their authors feed them what no exporter exposes."""
    told = [name for name, dead in DEAD.items() if dead.fed]
    for number, name in enumerate(told):
        dead = DEAD[name]
        rule = {"alert": "A", "expr": dead.expr, **({"for": dead.hold} if dead.hold else {})}
        groups = {"groups": [{"name": "a", "rules": [rule]}]}
        (tmp_path / f"rules{number}.yml").write_text(json.dumps(groups))
        test = {"interval": "1m", "input_series": fed(dead), "promql_expr_test": [FIRES]}
        files = {"rule_files": [f"rules{number}.yml"], "tests": [test]}
        (tmp_path / f"test{number}.yml").write_text(json.dumps(files))

    done = subprocess.run(
        [program("promtool"), "test", "rules", *(f"test{n}.yml" for n in range(len(told)))],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (0, "", len(told)) == (done.returncode, done.stderr, done.stdout.count("SUCCESS"))
    assert len(told) >= 10


FIRES = {
    "expr": 'group(ALERTS{alertname="A",alertstate="firing"})',
    "eval_time": "30m",
    "exp_samples": [{"labels": "{}", "value": 1}],
}


def fed(dead: Dead) -> list[dict[str, str]]:
    """Its author's series, the same to the end where nothing else is said."""
    lines = [line.rpartition(" ") for line in dead.fed]
    return [
        {"series": name, "values": values if "x" in values else f"{values}x100"}
        for name, _, values in lines
    ]
