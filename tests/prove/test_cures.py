"""What breaks a proof by synthetic series, each with what is done about it."""

import re
from functools import cache

import pytest

from labkeeper.prove.proof import Proof
from labkeeper.prove.proving import Proofs
from labkeeper.prove.testfile import TestFile
from labkeeper.prove.trying import Judge, Outcome
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
    "time left and rounded": "0 <= round((probe_ssl_earliest_cert_expiry - time()) / 86400, 0.1)"
    " < 7",
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
    "far from usual": "node_load1 > avg_over_time(node_load1[1h])"
    " + 3 * stddev_over_time(node_load1[1h])",
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
    "unless": "node_load1 > 8 unless on (instance) "
    "node_time_seconds - node_boot_time_seconds < 600",
    "either": "node_pressure_io_waiting_seconds_total offset 5m < 0 or node_load1 > 90",
    "absence": "absent(nvidia_smi_temperature_gpu)",
    "absence in a range": 'absent_over_time(probe_success{job="blackbox"}[10m])',
    "modes of a processor": "avg by (instance) "
    '(irate(node_cpu_seconds_total{mode="idle"}[5m])) < 0.1',
    "rate": "rate(prometheus_rule_evaluation_failures_total[5m]) > 0",
    "ratio of rates": "rate(container_cpu_cfs_throttled_periods_total[5m]) "
    "/ rate(container_cpu_cfs_periods_total[5m]) > 0.5",
    "earlier": "node_load1 - node_load1 offset 1h > 10",
    # Each form that a rule can have, once more where nothing above has it.
    "increase": "increase(node_vmstat_oom_kill[10m]) > 2",
    "instant rate": "irate(node_network_receive_bytes_total[2m]) * 8 > 9e8",
    "mean of a range": "avg_over_time(node_load1[10m]) > 16",
    "sum of a range": "sum_over_time(node_timex_sync_status[10m]) < 1",
    "counted in a range": 'count_over_time((up{job="node"} == 0)[10m:1m]) > 5',
    "last of a range": "last_over_time(node_load1[10m]) > 16",
    "without": "sum without (device) (rate(node_network_receive_drop_total[5m])) > 100",
    "counted by": "count by (job) (up == 0) > 0",
    "present and absent": "node_load1 > 8 and on () absent(nvidia_smi_temperature_gpu)",
    "standard deviation": "stddev by (job) (node_load1) > 20",
    "the least of many": "bottomk(1, node_filesystem_avail_bytes) < 1e9",
    "both sides scaled": "node_load1 / 2 > node_load15 * 4",
    "time of the clock": "node_time_seconds - time() > 60",
    "age of the newest": "time() - max by (instance) (node_textfile_mtime_seconds) > 3600",
    "group left with more": "node_load1 * on (instance) group_left (nodename) node_uname_info > 64",
    "remainder": "node_load1 % 10 > 7",
    "power": "node_load1 ^ 2 > 4096",
    "negated": "-node_load1 < -64",
    "vector and scalar": "node_load1 > scalar(count(up{job=\"node\"})) * 8",
    "at the start": "node_load1 @ start() > 64",
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


def test_recording_rules() -> None:
    """What alerts stand on rules that stand on rules is followed down to what is scraped."""
    free = "node_filesystem_avail_bytes / node_filesystem_size_bytes"
    written = (
        f"{{record: 'a:free:ratio', expr: '{free}'}}",
        "{record: 'a:used:ratio', expr: '1 - a:free:ratio', labels: {level: instance}}",
        alert("max by (instance) (a:used:ratio{level='instance'}) > 0.95".replace("'", '"')),
    )
    [file] = given(*written).files
    dead = "{record: 'a:none', expr: 'up{job=\"nobody\"} == 0'}"

    assert proved(*written).fires == "yes"
    assert file.rules.count("record:") == 2
    assert proved(dead, alert("a:none == 0")).fires == "no"


def test_values_stand_relative_to_promtools_clock() -> None:
    """A time of today would be half a century ahead of a clock that begins at 0."""
    [file] = files("time() - node_textfile_mtime_seconds > 86400")

    assert re.search(r"values: -\d{5,}|-\d{5,}\+15x", file.tests)
    assert not re.search(r"\d{10}", file.tests)


def test_relations_hold_in_every_series() -> None:
    """No witness has more free than there is, and no value that an exporter never exposes."""
    for expr in (FIRING["share"], "node_filesystem_avail_bytes < 1e9"):
        [file] = files(expr)
        values = [float(v) for v in re.findall(r"(?<=[ \"])-?[0-9.]+(?=x|\+|-)", file.tests)]

        assert min(values) >= 0


def test_relations_hold_where_analysis_is_blind() -> None:
    """More free than twice what there is: analysis does not follow that, and no series do it."""
    squares = "node_filesystem_avail_bytes ^ 2 > node_filesystem_size_bytes ^ 2 * 4"
    largest = "max by (instance, mountpoint) (node_filesystem_size_bytes)"
    grouped = f"node_filesystem_avail_bytes > on (instance, mountpoint) {largest} * 2"

    assert [proved(expr).fires for expr in (squares, grouped)] == ["not-proven"] * 2


def test_a_condition_on_one_side_holds_for_both() -> None:
    """Series of both sides get the same labels, though one side alone asks for them."""
    expr = 'node_network_up{device="wg0"} == 0 and node_network_mtu_bytes > 1300'

    assert proved(expr).fires == "yes"


def test_as_many_series_as_are_counted() -> None:
    """One target has several file systems."""
    one = ("{job_name: node, static_configs: [{targets: ['nas:9100']}]}",)

    assert proved("count(node_filesystem_avail_bytes < 1e9) > 3", jobs=one).fires == "yes"


def test_samples_stay_dense_where_a_range_is_short() -> None:
    """A day of `for` is written with fewer samples, but never fewer than a range needs."""
    held = alert("rate(node_network_receive_errs_total[2m]) > 5", "1d")

    assert proved(held).fires == "yes"


def test_another_prometheus_hands_on_its_jobs() -> None:
    """What is federated has labels of its own: no job is said to be missing."""
    federated = (
        "{job_name: federate, honor_labels: true, metrics_path: /federate, "
        "static_configs: [{targets: ['other:9090']}]}"
    )

    assert proved('up{job="remote"} == 0', jobs=(NODE,)).fires == "no"
    handed_on = proved('up{job="remote"} == 0', jobs=(NODE, federated))
    assert (handed_on.fires, "no job" in handed_on.reason) == ("not-proven", False)
    # Also of a metric that a job of this one's has as well.
    load = 'node_load1{job="remote"} > 90'
    assert proved(load, jobs=(NODE,)).fires == "no"
    assert proved(load, jobs=(NODE, federated)).fires != "no"


def test_states_exclude_each_other() -> None:
    """A unit is in exactly one state: being in two is no witness."""
    unit = "[Service]\nExecStart=/usr/bin/node_exporter --collector.systemd\n"
    both = (
        'node_systemd_unit_state{state="failed"} == 1 '
        'and ignoring (state) node_systemd_unit_state{state="active"} == 1'
    )
    one = 'node_systemd_unit_state{state="failed"} == 1'

    assert proved(both, node__service=unit).fires == "not-proven"
    assert proved(one, node__service=unit).fires == "yes"


def test_shares_of_time_add_up() -> None:
    """A processor cannot be busy twice over."""
    busy = 'sum without (mode) (rate(node_cpu_seconds_total{mode=~"user|system"}[5m])) > %s'

    assert proved(busy % "0.9").fires == "yes"
    assert proved(busy % "1.3").fires == "not-proven"


def test_scrapes_are_as_far_apart_as_they_are() -> None:
    """Samples stand where scrapes would put them, with gaps between those of a slower job."""
    slow = "{job_name: smartctl, scrape_interval: 1m, static_configs: [{targets: ['nas:9633']}]}"
    [file] = files("smartctl_device_temperature > 70 and on () node_load1 > 4", NODE, slow)

    assert "_x3" in file.tests
    assert "interval: 15s" in file.tests
    # What never changes has gaps between its samples as well.
    [steady] = files("node_load1 > 8 unless on () smartctl_device_temperature > 99", NODE, slow)
    written = re.findall(r"smartctl_device_temperature\{[^\n]*\n\s+values: (.*)", steady.tests)
    assert written and all("_x3" in values for values in written)


def test_what_does_not_answer_has_no_values() -> None:
    """A target that is down has none but Prometheus's own, so it cannot be down and busy."""
    assert proved("node_load1 > 8 and on (instance) up == 0").fires == "no"
    assert proved("node_load1 > 8 and on () up == 0").fires == "yes"


def test_a_range_between_two_scrapes() -> None:
    """Two minutes of what is scraped every five minutes hold no two samples, ever."""
    proof = proved("increase(node_vmstat_oom_kill[2m]) > 0", scrape="5m")

    assert proof.fires == "no"


def test_a_range_of_one_interval_proves_nothing() -> None:
    """Only an evaluation at the very millisecond of a scrape sees two samples."""
    proof = proved("rate(node_network_receive_bytes_total[1m]) > 1e9", scrape="1m")

    assert proof.fires == "not-proven"
    assert "hardly ever two samples" in proof.reason


def test_samples_go_stale_after_five_minutes() -> None:
    """What is scraped every ten minutes is not seen for ten minutes on end."""
    failing = "smartctl_device_smart_status == 0"
    smart = ("{job_name: smartctl, static_configs: [{targets: ['nas:9633']}]}",)

    assert proved(alert(failing), jobs=smart, scrape="10m").fires == "yes"
    assert proved(alert(failing, "10m"), jobs=smart, scrape="10m").fires == "no"
    # Exactly as long as a sample is seen: only an evaluation at its very moment tells.
    assert proved(alert(failing, "5m"), jobs=smart, scrape="10m").fires == "not-proven"


def test_the_groups_own_interval_counts() -> None:
    """promtool ignores it: how long it takes is worked out here."""
    down = alert('up{job="node"} == 0', "2m")

    assert proved(down).fires_after == 15 + 15 + 120
    assert proved(down, interval="1m").fires_after == 15 + 60 + 120
    # What is kept is evaluated as seldom as the group is.
    texts = {"prometheus.yml": prometheus(NODE), "rules.yml": rules(down, interval="1m")}
    [file] = proofs(texts).files
    assert "interval: 1m" in file.rules
    assert "evaluation_interval: 1m" in file.tests


def test_a_constant_always_fires() -> None:
    """`vector(1)` needs no series; without a route it serves nobody."""
    proof = proved("vector(1)")

    assert (proof.fires, proof.on_purpose) == ("always", False)


def test_an_absence_that_is_for_ever() -> None:
    """What waits for a job that there is not fires all the time, and not on purpose."""
    proof = proved('absent(up{job="nobody"})')

    assert (proof.fires, proof.is_bad) == ("always", True)


def test_labels_come_from_the_scrape_configuration() -> None:
    """Targets' own labels, relabelling done, decide whether both sides meet."""
    labelled = (
        "{job_name: node, static_configs: [{targets: ['nas:9100'], labels: {host: nas}}]}",
        "{job_name: smartctl, static_configs: [{targets: ['nas:9633'], labels: {host: %s}}]}",
    )
    expr = "smartctl_device_temperature > 60 and on (host) node_load1 > 8"
    same, other = (labelled[0], labelled[1] % "nas"), (labelled[0], labelled[1] % "pi")

    assert proved(expr, jobs=same).fires == "yes"
    assert proved(expr, jobs=other).fires == "no"


def test_relabelling_is_executed() -> None:
    """A label that metric_relabel_configs rewrite has its new value."""
    renamed = (
        "{job_name: node, static_configs: [{targets: ['nas:9100']}], metric_relabel_configs: "
        "[{source_labels: [mountpoint], regex: '/(.+)', target_label: mountpoint, "
        "replacement: 'disk-$1'}]}"
    )
    expr = 'node_filesystem_avail_bytes{mountpoint="%s"} < 1e9'

    assert proved(expr % "disk-srv", jobs=(renamed,)).fires == "yes"
    # One label that is made of another never has a value of its own.
    copied = (
        "{job_name: node, static_configs: [{targets: ['nas:9100']}], metric_relabel_configs: "
        "[{source_labels: [device], target_label: disk}]}"
    )
    expr = 'node_disk_io_now{device="sda", disk="%s"} > 5'
    assert proved(expr % "sda", jobs=(copied,)).fires == "yes"
    assert proved(expr % "sdb", jobs=(copied,)).fires != "yes"
    # `up` is Prometheus's own: nothing relabels it.
    kept = (
        "{job_name: node, static_configs: [{targets: ['nas:9100']}], metric_relabel_configs: "
        "[{source_labels: [__name__], regex: 'node_.*', action: keep}]}"
    )
    assert proved("up == 0", jobs=(kept,)).fires == "yes"


def test_labels_of_a_target_win_unless_they_are_honoured() -> None:
    """Without honor_labels the exporter's own `name` becomes `exported_name`."""
    job = (
        "{job_name: node, honor_labels: %s, "
        "static_configs: [{targets: ['nas:9100'], labels: {device: x}}]}"
    )
    expr = 'node_network_up{device="eth0"} == 0'

    assert proved(expr, jobs=(job % "false",)).fires == "no"
    assert proved(expr, jobs=(job % "true",)).fires == "yes"


def test_each_alert_has_files_of_its_own() -> None:
    """All alerts in one file would take promtool sixteen times as long."""
    found = given(*(alert("node_load1 > 8", name=f"A{n}") for n in range(3)))

    assert len({file.name for file in found.files}) == 3
    assert all(file.rules.count("alert:") == 1 for file in found.files)


def test_what_is_asked_is_the_alert_itself() -> None:
    """Labels and annotations with templates do not keep it from being proven."""
    rule = (
        "{alert: A, expr: 'node_load1 > 8', labels: {severity: '{{ if gt $value 9.0 }}a{{ end }}'},"
        " annotations: {summary: '{{ $labels.instance }} is busy'}}"
    )

    assert proved(rule).fires == "yes"
    # What only waits has not fired.
    [file] = given(alert("node_load1 > 8", "5m")).files
    asked = re.findall(r"ALERTS\{[^}]*\}", file.tests)
    assert asked and 'ALERTS{alertname=\\"A\\",alertstate=\\"firing\\"}' in file.tests, asked


def test_usual_days_are_apart() -> None:
    """A day with low values ends before one with high values begins: nothing lasts into it."""
    [file] = given(alert("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.01")).files
    _, quiet = file.tests.split("quiet while all is well", 1)

    written = re.findall(r"values: (.+)", quiet)
    assert any(" stale _" in values for values in written), written


def test_rules_that_nobody_loads() -> None:
    """They are evaluated by nobody, whatever series there are."""
    files = {"prometheus.yml": prometheus(NODE), "rules.yml": rules("node_load1 > 8"),
             "more/rules.yml": rules(alert("node_load1 > 9", name="B"))}  # fmt: skip
    found = {proof.alert: proof for proof in proofs(files).proofs}

    assert (found["A"].fires, found["B"].fires) == ("yes", "no")
    assert "no Prometheus here loads `more/rules.yml`" in found["B"].reason


def test_what_waits_on_a_usual_day_is_not_quiet() -> None:
    """It would fire, went the same values on for longer than a test lasts."""
    proof = proved(alert("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.5", "30d"))

    assert proof.quiet == "no"


def test_a_failed_search_proves_nothing() -> None:
    """What nobody found series for is not proven, and never said to be dead."""
    proof = proved("node_load1 ^ 2 + node_load5 ^ 2 == 25 and node_load1 - node_load5 == 1")

    assert proof.fires == "not-proven"


def test_conditions_on_names() -> None:
    """Series of several names: each is made, and nothing is concluded from a shared condition."""
    two = '{__name__=~"node_load1|node_load5"}'
    queue = "{job_name: exportarr, static_configs: [{targets: ['exportarr:9707']}]}"
    stuck = '{__name__=~"(sonarr|radarr)_queue_total",download_state="importPending"} > 0'

    assert proved(alert(stuck), jobs=(queue,)).fires == "yes"
    # `and` does not ask for names: one of both is above, the other one below.
    assert proved(alert(f"{two} > 8 and {two} < 4")).fires == "yes"
    assert "has a name `=~nothing_.*`" in proved(alert('{__name__=~"nothing_.*"} > 8')).reason
    assert "without a name" in proved(alert('{job="node"} > 1e15')).reason


def test_how_large_a_disk_is_nobody_knows() -> None:
    """Loud on a small disk, silent on a large one: that is no fault, and not proven either."""
    free = proved("node_filesystem_avail_bytes < 100e9")
    share = proved("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.5")

    assert (free.quiet, share.quiet) == ("not-proven", "no")


def test_what_is_kept_of_a_loud_alert() -> None:
    """Its file has no usual day in it, as promtool would not pass that."""
    [file] = given(alert("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.5")).files

    assert "fires and resolves" in file.tests
    assert "normal values: low" not in file.tests
    assert "normal values: high" in file.tests


def test_loud_on_a_usual_day() -> None:
    """A threshold that a healthy machine passes is told of."""
    proof = proved("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.5")

    assert (proof.fires, proof.quiet, proof.is_bad) == ("yes", "no", True)
    assert "it fires while all is well" in proof.reason


def test_promtool_can_overrule_the_search() -> None:
    """Series that promtool does not agree with prove nothing."""
    found = given(alert("node_load1 > 8"), judge=lambda files: {
        file.name: Outcome(frozenset({"fires"})) for file in files
    })  # fmt: skip

    assert found.proofs[0].fires == "not-proven"


def test_promtool_can_overrule_the_analysis() -> None:
    """Should an alert fire that analysis calls dead, neither is believed."""
    found = given(alert('up{job="nobody"} == 0'), judge=lambda files: {
        file.name: Outcome(frozenset({"quiet, normal values: middle"})) for file in files
    })  # fmt: skip

    assert found.proofs[0].fires == "not-proven"


def test_without_promtool() -> None:
    """What analysis proves stands; of the rest it is said what promtool would add."""
    dead = proved('up{job="nobody"} == 0', judged=False)
    alive = proved('up{job="node"} == 0', judged=False)

    assert (dead.fires, alive.fires) == ("no", "not-proven")
    assert "promtool would tell" in alive.reason


def files(expr: str, *jobs: str) -> tuple[TestFile, ...]:
    """The files with which an alert was confirmed."""
    found = given(alert(expr), jobs=jobs or (NODE,))
    assert found.proofs[0].fires == "yes"
    return found.files


def given(*written: str, jobs: tuple[str, ...] = (NODE,), judge: Judge | None = None) -> Proofs:
    """The proofs of rules, with promtool or somebody else as the judge."""
    texts = {"prometheus.yml": prometheus(*jobs), "rules.yml": rules(*written)}
    return proofs(texts, judge=judge)


def test_a_certificate_is_seen_over_tls_alone() -> None:
    """Who is asked by http shows none, unless it leads elsewhere, which nobody can tell."""
    job = (
        "{job_name: blackbox, metrics_path: /probe, params: {module: [http_2xx]}, "
        "static_configs: [{targets: ['SITES']}], relabel_configs: ["
        "{source_labels: [__address__], target_label: __param_target}, "
        "{source_labels: [__param_target], target_label: instance}, "
        "{target_label: __address__, replacement: 'blackbox:9115'}]}"
    )
    soon = "probe_ssl_earliest_cert_expiry - time() < 7 * 86400"
    plain = job.replace("SITES", "http://wiki:80")
    either = job.replace("SITES", "http://wiki:80', 'https://shop.example")

    assert proved(soon, jobs=(NODE, either)).fires == "yes"
    proof = proved(soon, jobs=(NODE, plain))
    assert proof.fires == "not-proven"
    assert "`http://wiki:80` is asked without TLS" in proof.reason


def test_a_prometheus_that_others_write_to() -> None:
    """Whatever is scraped, others may send it series of the name."""
    flag = "[Service]\nExecStart=/usr/bin/prometheus %s\n"
    expr = 'node_load1{job="remote"} > 8'

    assert proved(expr, prometheus__service=flag % "--web.listen-address=:9090").fires == "no"
    remote = proved(expr, prometheus__service=flag % "--web.enable-remote-write-receiver")
    assert (remote.fires, "no job" in remote.reason) == ("not-proven", False)


def test_what_a_script_writes_is_there() -> None:
    """A metric of a textfile is in no contract, and there all the same."""
    script = '#!/bin/sh\necho "lab_parity_errors $1" >/var/lib/node/parity.prom\n'
    written = proved("lab_parity_errors > 5", parity__sh=script)

    assert proved("lab_parity_errors > 5").fires == "not-proven"
    assert written.fires == "yes"
