"""What breaks a proof by synthetic series, each with what is done about it."""

from functools import cache

import pytest

from labkeeper.prove.proof import Proof
from labkeeper.prove.proving import Outcome, Proofs
from tests.programs import program
from tests.prove.stacks import NODE, alert, prometheus, proofs, proved, rules

JOBS = (
    NODE,
    "{job_name: gpu, static_configs: [{targets: ['gpu:9835']}]}",
    "{job_name: blackbox, metrics_path: /probe, static_configs: [{targets: ['a.example']}]}",
    "{job_name: caddy, static_configs: [{targets: ['caddy:2019']}]}",
    "{job_name: restic, static_configs: [{targets: ['restic:8001']}]}",
    "{job_name: smartctl, static_configs: [{targets: ['nas:9633']}]}",
    "{job_name: cadvisor, static_configs: [{targets: ['cadvisor:8080']}]}",
    "{job_name: prometheus, static_configs: [{targets: ['localhost:9090']}]}",
)
# What makes each hard is said before it; all of them fire, end, and are quiet on a usual day.
FIRING = {
    # promtool's clock begins at 0, and contracts mark points in time.
    "age": "time() - node_textfile_mtime_seconds > 86400",
    "age of a backup": "time() - restic_backup_timestamp > 2 * 86400",
    "time left": "probe_ssl_earliest_cert_expiry - time() < 7 * 86400",
    "time left and rounded": "0 <= round((probe_ssl_earliest_cert_expiry - time()) / 86400, 0.1) < 7",
    "just started": "time() - node_boot_time_seconds < 600",
    # It begins on a Thursday at midnight.
    "in office hours": 'up{job="node"} == 0 and on () hour() >= 9 < 17',
    "at the weekend": 'up{job="node"} == 0 and on () (day_of_week() == 0 or day_of_week() == 6)',
    # `avail <= size`; of the states of a unit one is 1.
    "share": "100 * (1 - node_filesystem_avail_bytes / node_filesystem_size_bytes) > 95",
    "share of sums": "sum by (instance) (node_filesystem_avail_bytes)"
    " / sum by (instance) (node_filesystem_size_bytes) < 0.05",
    "memory": "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes * 100 < 5",
    # One constant series is no witness of these.
    "far from usual": "node_load1 > avg_over_time(node_load1[1h]) + 3 * stddev_over_time(node_load1[1h])",
    "quorum": 'count(up{job="node"} == 0) >= 2',
    "quorum of a share": 'sum(up{job="node"}) / count(up{job="node"}) < 0.6',
    "quantile of series": "quantile(0.9, node_load1) > 16",
    "the worst of many": "topk(1, node_load5) > 12",
    "histogram": "histogram_quantile(0.95, sum by (le) (rate("
    "caddy_http_request_duration_seconds_bucket[10m]))) > 2",
    "label_replace": 'label_replace(node_load1, "host", "$1", "instance", "([^:]+):.*") > 64',
    "label_join": 'label_join(node_load1, "id", "-", "job", "instance") > 64',
    "to and fro": "changes(node_network_up[10m]) > 4",
    "restarts": "changes(container_start_time_seconds[15m]) > 2",
    "resets": "resets(node_network_receive_bytes_total[1h]) > 2",
    "trend": "predict_linear(node_filesystem_avail_bytes[6h], 24 * 3600) < 0",
    "slope": "deriv(node_hwmon_temp_celsius[10m]) * 60 > 1",
    "difference": "delta(node_hwmon_temp_celsius[1h]) > 20",
    "noise": "stddev_over_time(node_load1[10m]) > 10",
    "lowest of a range": "min_over_time(node_load1[30m]) > 8",
    "middle of a range": "quantile_over_time(0.5, node_load1[30m]) > 8",
    "a range of a rate": "max_over_time(rate(node_network_receive_errs_total[5m])[30m:1m]) > 5",
    # Both sides need the same labels, or `on`.
    "joined": "node_hwmon_temp_celsius * on (instance, chip) group_left (chip_name) "
    "node_hwmon_chip_names > 90",
    "without a state": "smartctl_device_temperature > 70 and on (instance) up == 1",
    "unless": "node_load1 > 8 unless on (instance) node_time_seconds - node_boot_time_seconds < 600",
    "either": "node_pressure_io_waiting_seconds_total offset 5m < 0 or node_load1 > 90",
    "absence": "absent(nvidia_smi_temperature_gpu)",
    "absence in a range": 'absent_over_time(probe_success{job="blackbox"}[10m])',
    "modes of a processor": "avg by (instance) (irate(node_cpu_seconds_total{mode=\"idle\"}[5m])) < 0.1",
    "rate": "rate(prometheus_rule_evaluation_failures_total[5m]) > 0",
    "ratio of rates": "rate(container_cpu_cfs_throttled_periods_total[5m]) "
    "/ rate(container_cpu_cfs_periods_total[5m]) > 0.5",
    "earlier": "node_load1 - node_load1 offset 1h > 10",
    "clamped": "clamp_min(node_load1 - 4, 0) > 8",
    "sign": "sgn(node_timex_offset_seconds) * 1 != 0",
    "bool": "(node_load1 > bool 50) + (node_load5 > bool 50) == 2",
}  # fmt: skip
# Of these nothing is said of a usual day: the contracts have no normal value for them.
UNUSUAL = {"to and fro", "histogram"}


@cache
def firing() -> dict[str, Proof]:
    program("promtool")
    written = rules(*(alert(expr, name=name) for name, expr in FIRING.items()))
    found = proofs({"prometheus.yml": prometheus(*JOBS), "rules.yml": written}).proofs
    return {proof.alert: proof for proof in found}


@pytest.mark.parametrize("name", FIRING)
def test_fires(name: str) -> None:
    """Series are found for each form, and promtool agrees."""
    proof = firing()[name]
    quiet = "not-proven" if name in UNUSUAL else "yes"

    assert ("yes", "yes", quiet) == (proof.fires, proof.resolves, proof.quiet), proof.reason
