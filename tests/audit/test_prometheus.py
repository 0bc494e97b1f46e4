from labkeeper.audit import Folder, read_stack
from labkeeper.plan import Plan


def plan(**texts: str) -> Plan:
    return read_stack(Folder(texts), ()).plan


def one(text: str, **more: str) -> Plan:
    return plan(**{"prometheus.yml": text, **more})


SMALL = """\
global:
  scrape_interval: 5s
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ["nas:9100", "web"]
        labels: {rack: a}
"""


def test_targets_get_their_labels_and_port() -> None:
    """A target has its job, its group's labels, its instance and the default port."""
    found = one(SMALL)
    nas, web = found.scrapes[0].targets

    assert nas.labels == (("instance", "nas:9100"), ("job", "node"), ("rack", "a"))
    assert (nas.asked, nas.path, nas.scheme) == ("nas:9100", "/metrics", "http")
    assert web.asked == "web:80"
    assert nas.address.text == "nas:9100"
    assert SMALL[nas.address.span.start : nas.address.span.end] == "nas:9100"
    assert {"scrapes", "rules"} == found.facets


def test_times() -> None:
    """A timeout that nobody set is never longer than the interval."""
    job = one(SMALL).scrapes[0]

    assert (job.interval, job.timeout) == (5.0, 5.0)
    assert (
        (late := one("scrape_configs: [{job_name: a}]").scrapes[0]).interval,
        late.timeout,
    ) == (60.0, 10.0)


def test_probe() -> None:
    """A probe's parameters and address are those after relabelling."""
    found = one("""\
scrape_configs:
  - job_name: probe
    metrics_path: /probe
    params: {module: [http_2xx]}
    static_configs: [{targets: ["https://lab.example"]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: "blackbox:9115"}
""")
    target = found.scrapes[0].targets[0]

    assert target.asked == "blackbox:9115"
    assert target.path == "/probe"
    assert target.parameters == (("module", "http_2xx"), ("target", "https://lab.example"))
    assert target.labels == (("instance", "https://lab.example"), ("job", "probe"))


def test_targets_from_files() -> None:
    """Files with targets are read, through the mounts of a compose file where need be."""
    job = """\
scrape_configs:
  - job_name: files
    file_sd_configs: [{files: [/etc/prometheus/sd/*.json]}]
"""
    found = plan(
        **{
            "conf/prometheus.yml": job,
            "conf/lists/a.json": '[{"targets": ["nas:9100"], "labels": {"rack": "a"}}]',
            "compose.yaml": "volumes: ['./conf/lists:/etc/prometheus/sd:ro']\n",
        }
    )
    scrape = found.scrapes[0]

    assert [target.asked for target in scrape.targets] == ["nas:9100"]
    assert scrape.targets[0].address.file == "conf/lists/a.json"
    assert not scrape.discovered
    assert one(job).scrapes[0].discovered


def test_dropped_and_unknown_targets() -> None:
    """A target that relabelling throws away and one that nobody can know are told apart."""
    found = one("""\
scrape_configs:
  - job_name: some
    static_configs: [{targets: [old:1, "${HOST}:2"]}]
    relabel_configs: [{source_labels: [__address__], regex: "old:.*", action: drop}]
""")
    old, host = found.scrapes[0].targets

    assert (old.asked, old.dropped) == (None, True)
    assert (host.asked, host.dropped) == (None, False)


def test_rule_files() -> None:
    """Patterns reach files beside the configuration, or through what is mounted."""
    rules = "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]"

    def loaded(pattern: str, **more: str) -> tuple[str, ...] | None:
        return one(f"{SMALL}rule_files: [{pattern}]\n", **more).prometheuses[0].loaded

    beside = {"rules/a.yml": rules, "rules/b.yaml": rules}
    mount = {"compose.yaml": "volumes: ['./alerts:/etc/prometheus/rules']", "alerts/a.yml": rules}
    assert loaded("rules/*.yml", **beside) == ("rules/a.yml",)
    assert loaded("/etc/prometheus/rules/*.yml", **beside) == ("rules/a.yml",)
    assert loaded("/etc/prometheus/rules/*.yml", **mount) == ("alerts/a.yml",)
    assert loaded("rules/a.yml", **{**mount, "compose.yaml": (
        "volumes: ['./prometheus.yml:/etc/prometheus/p.yml', './alerts:/etc/prometheus/rules']"
    )}) == ("alerts/a.yml",)  # fmt: skip
    assert loaded("/etc/prometheus/rules/*.yml", **{"alerts/a.yml": rules}) is None
    assert one(SMALL).prometheuses[0].loaded == ()


def test_jobs_in_other_files() -> None:
    """Jobs of scrape_config_files belong to the server that names the file, once."""
    found = one(
        "scrape_config_files: [jobs/*.yml]\nglobal: {scrape_interval: 30s}\n"
        "scrape_configs: [{job_name: a}]\n",
        **{"jobs/b.yml": "scrape_configs: [{job_name: b}]\n"},
    )

    assert [(job.name.text, job.interval) for job in found.scrapes] == [("a", 30.0), ("b", 30.0)]
    assert {"prometheus.yml"} == {job.prometheus for job in found.scrapes}
    assert len(found.prometheuses) == 1


def test_alerting() -> None:
    """Alertmanagers that are named and that are discovered are told apart."""
    found = one("""\
scrape_configs: [{job_name: a, docker_sd_configs: [{host: x}]}]
alerting:
  alertmanagers:
    - static_configs: [{targets: [am:9093]}]
remote_write: [{url: "http://x"}]
global: {external_labels: {site: home}}
""")
    server = found.prometheuses[0]

    assert [address.text for address in server.alertmanagers] == ["am:9093"]
    assert not server.alertmanagers_discovered
    assert server.remote_write
    assert server.external_labels == (("site", "home"),)
    assert found.scrapes[0].discovered
