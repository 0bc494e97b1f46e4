"""What the catalog says of the services that a lab runs is whole, and fits together."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from labkeeper.audit import Folder, judge
from labkeeper.catalog import Service, shipped_catalog
from labkeeper.checks import CHECKS
from labkeeper.cli import main
from labkeeper.resolve.probing import MODULES
from tests.programs import program, said

CATALOG = shipped_catalog()
SERVICES = CATALOG.services.by_name
# Services that are known in depth.
MEDIA = (  # noqa: SIM905
    "bazarr forgejo frigate gitea gluetun home-assistant immich-machine-learning immich-postgres "
    "immich-server jellyfin jellyseerr lidarr mariadb mosquitto navidrome nextcloud ollama "
    "open-webui overseerr paperless-ngx plex postgresql prowlarr qbittorrent radarr recyclarr "
    "redis sabnzbd seerr sonarr syncthing vaultwarden"
).split()  # fmt: skip
AROUND = (  # noqa: SIM905
    "alertmanager blackbox-exporter cadvisor node-exporter nvidia-gpu-exporter podman-exporter "
    "prometheus smartctl-exporter systemd-exporter adguard-home alloy authelia caddy crowdsec "
    "exportarr grafana homepage loki ntfy qbittorrent-exporter tailscale uptime-kuma "
    "victoria-metrics"
).split()  # fmt: skip
DEEP = [*MEDIA, *AROUND]
# Where nothing can be asked whether it works, and why.
SILENT: dict[str, str] = {"recyclarr": "it works once a day, and listens on nothing"}
# Services that NixOS runs and no image does, and why.
NATIVE: dict[str, str] = {
    "labkeeper": "it keeps the containers, so it is none",
    "nixos-exporter": "it tells of the host's own system",
    "zfs-exporter": "its project ships no image",
}
# What a text of the catalog may leave open, beside `address.SERVICE` and `port.SERVICE`.
WORDS = frozenset(
    {"timezone", "user", "group", "umask", "name", "host", "domain", "scheme", "admin-password"}
    | {"vpn.provider", "vpn.protocol", "vpn.key", "vpn.countries", "vpn.regions"}
    | {"vpn.cities", "vpn.port-forwarding", "retention.time", "retention.size"}
)
# Labels that `resolve` gives to the targets of a kind.
GIVEN: dict[str, tuple[dict[str, str], ...]] = {
    "blackbox-exporter": tuple({"probe": kind} for kind in MODULES)
}
WATCHING = {"tier": "hot", "host": "nas", "path": "/mnt/hot", "reserve": "0.15",
            "within": "14d", "present": ',host!~"a|b"'}  # fmt: skip
# Checks of expressions, on the metrics of a service's own contract alone.
OF_EXPRESSIONS = [
    check for check in CHECKS
    if check.name in {
        "absent-of-undeclared", "alert-without-condition", "bad-promql", "bad-template",
        "counter-function-on-gauge", "duplicate-rule", "gauge-function-on-counter",
        "impossible-label-value", "label-lost-in-annotation", "label-not-on-metric",
        "metric-behind-flag", "metric-nobody-exposes", "metric-of-another-exporter",
        "metric-renamed", "pseudo-filesystem-in-disk-alert", "range-too-short", "raw-counter",
        "threshold-out-of-range", "unit-mismatch", "up-of-prober",
    }
]  # fmt: skip
# NixOS's list of options, and the release that it describes.
SHARED = Path(os.environ.get("LK_SHARED", Path(__file__).parents[3] / "shared"))
OPTIONS = SHARED / "data" / "nixos-options-2024-12.json"
DESCRIBED = "24.11"

every_service = pytest.mark.parametrize(
    "service", CATALOG.services.every, ids=[each.name for each in CATALOG.services.every]
)


@pytest.mark.parametrize("name", DEEP)
def test_a_lab_can_run_it(name: str) -> None:
    """Each service is retired, or there is an image of it, of a version that stays what it is."""
    service = SERVICES[name]
    if service.retired:
        assert service.run is None
        return
    run = service.run

    assert run is not None
    assert run.image in service.images
    assert re.search(r"\d", run.tag)
    assert "latest" not in run.tag


@pytest.mark.parametrize("name", NATIVE)
def test_what_no_image_runs_is_a_unit(name: str) -> None:
    """Each service without a container has a module and a unit that labkeeper knows."""
    service = SERVICES[name]

    assert service.run is None
    assert service.nixos
    assert service.nixos.unit in service.units


@pytest.mark.parametrize("name", [name for name in DEEP if not SERVICES[name].retired])
def test_somebody_can_tell_whether_it_works(name: str) -> None:
    """Each has a probe, an image that has one, or a reason to have none."""
    run = SERVICES[name].run
    assert run is not None
    probe = run.health
    asked = bool(probe and (probe.http or probe.command or probe.tcp))

    assert bool(asked or SERVICES[name].images[run.image].health_check) is (name not in SILENT)


@pytest.mark.parametrize("name", [name for name in DEEP if not SERVICES[name].retired])
def test_what_to_keep_of_it_is_known(name: str) -> None:
    """Each says how it is kept, of paths that it has, or why nothing has to be."""
    run = SERVICES[name].run
    assert run is not None
    kept = run.backup

    assert kept is not None
    assert (kept.none is None) or not (kept.paths or kept.command or kept.leave_out)
    assert (kept.quiesce == "dump") == bool(kept.command)
    assert [path for path in kept.paths if not within(path, run.paths)] == []


def within(path: str, others: object) -> bool:
    assert isinstance(others, dict)
    return any(f"{path}/".startswith(f"{other}/") for other in others)


@every_service
def test_what_it_needs_fits_together(service: Service) -> None:
    """Paths are absolute, secrets and required variables are variables, and peers exist."""
    run = service.run
    if run is None:
        return
    binds = [bind.target for bind in run.binds] + [bind.source for bind in run.binds]
    probe = run.health
    ports = {port.number for port in service.ports}

    assert [path for path in (*run.paths, *binds, *run.devices) if not path.startswith("/")] == []
    assert [
        name for name in (*service.secrets, *run.required) if not name.strip("_").isascii()
    ] == []
    assert [name for name in run.talks_to if name not in SERVICES] == []
    assert not probe or {probe.port, probe.tcp} - {None} <= ports
    assert not (probe and probe.http) or (probe.http.startswith("/") and ports)
    assert run.runs_as != "variables" or any(
        "@{user}" in value for value in run.environment.values()
    )


@every_service
def test_its_words_are_known(service: Service) -> None:
    """A text leaves open only what a lab can fill in."""
    run = service.run
    if run is None:
        return
    texts = (
        *run.environment.values(),
        *run.command,
        *(run.gpu.environment.values() if run.gpu else ()),
    )
    words = {word for text in texts for word in re.findall(r"@\{([^}]*)\}", text)}
    shown = {f"shown.{port.number}" for port in service.ports}
    words -= shown
    peers = {
        word.partition(".")[2]
        for word in words - WORDS
        if word.startswith(("address.", "port.", "local."))
    }

    assert {
        word for word in words - WORDS if not word.startswith(("address.", "port.", "local."))
    } == set()
    assert peers <= run.talks_to.keys()


@every_service
def test_its_expressions_hold(service: Service) -> None:
    """What is watched of it uses metrics of its own contract, and no check has a word to say."""
    rules = list(watched(service))
    if not rules:
        return
    assert service.metrics is not None
    contract = CATALOG.contracts.by_name[service.metrics.exporter]
    asked = SERVICES[service.metrics.through or service.name]
    texts = {
        "prometheus.yml": json.dumps({
            "rule_files": ["rules.yml"],
            "scrape_configs": [{
                "job_name": asked.name,
                "metrics_path": service.metrics.paths[0],
                "static_configs": [
                    {
                        "targets": [f"{asked.name}:{service.metrics.port}"],
                        "labels": {"host": WATCHING["host"], **own},
                    }
                    for own in GIVEN.get(service.name, ({},))
                ],
            }],
        }),
        "compose.yaml": json.dumps({"services": {asked.name: started(asked)}}),
        "rules.yml": json.dumps({"groups": [{"name": service.name, "rules": rules}]}),
    }  # fmt: skip
    # What is shown through another exporter is written by a script that this stack does not have.
    checks = [
        check for check in OF_EXPRESSIONS
        if check.name != "metric-nobody-exposes" or not service.metrics.through
    ]  # fmt: skip
    verdict = judge(Folder(texts), checks)
    read = [rule.name.text for rule in verdict.plan.rules]

    assert len(read) == len(rules)
    assert verdict.skipped == ()
    assert [f"{found.check}: {found.message}" for found in verdict.findings] == []
    assert contract.series


def started(service: Service) -> dict[str, object]:
    """A container of it as compose would have it; any where it has none."""
    run = service.run
    if run is None:
        return {"image": next(iter(service.images), f"example/{service.name}") + ":1"}
    return {"image": f"{run.image}:1", "command": list(run.command), "environment": run.environment}


@every_service
def test_its_alerts_can_be_followed(service: Service) -> None:
    """An alert says what is wrong and what to do, and waits unless it is too late to."""
    for alert in service.alerts:
        assert len(alert.runbook) > 80, alert.name
        # The one that always fires is about nothing, and must not wait.
        assert "{{" in alert.summary or alert.each or alert.name == "Watchdog", alert.name
        assert alert.hold != "0s" or alert.severity == "critical" or alert.name == "Watchdog"


def test_no_two_alerts_have_a_name() -> None:
    """A name of an alert means one thing in all of a lab."""
    names = [alert.name for service in SERVICES.values() for alert in service.alerts]

    assert sorted(names) == sorted(set(names))


def test_prometheus_takes_the_rules(tmp_path: Path) -> None:
    """Prometheus's own program finds nothing wrong with what would be written."""
    groups = [
        {"name": service.name, "rules": rules}
        for service in SERVICES.values()
        if (rules := list(watched(service)))
    ]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": groups}), "utf-8")
    status, text = said(program("promtool"), "check", "rules", str(path))

    assert status == 0, text


def test_runbooks_name_commands_that_exist() -> None:
    """Whoever is told at night to type a command of labkeeper's own has it."""
    named = {
        (service.name, *found)
        for service in SERVICES.values()
        for alert in service.alerts
        for found in re.findall(r"`labkeeper ([a-z]+)(?: ([a-z]+))?", alert.runbook)
    }

    assert named
    for service, first, second in named:
        made = main.get_command(click.Context(main), first)
        assert made is not None, (service, first)
        if isinstance(made, click.Group):
            assert second in made.commands, (service, first, second)


@pytest.mark.shared
@pytest.mark.skipif(not OPTIONS.is_file(), reason="no reference data here")
def test_nixos_has_the_modules() -> None:
    """Each module is in NixOS's own list of options, unless it is younger than that list."""
    options = json.loads(OPTIONS.read_text("utf-8"))
    missing = [
        native.module
        for service in SERVICES.values()
        if (native := service.nixos)
        and not any(option.startswith(f"{native.module}.") for option in options)
        and not (native.since and native.since > DESCRIBED)
    ]

    assert missing == []


def watched(service: Service) -> Iterator[dict[str, object]]:
    """Its alerts, records and panels as rules."""
    for record in service.records:
        yield {"record": record.name, "expr": told(record.expr, service)}
    # Those on logs are Loki's: tests/targets/test_loki.py.
    for alert in (each for each in service.alerts if not each.logs):
        yield {
            "alert": alert.name,
            "expr": told(alert.expr, service),
            "for": alert.hold,
            "labels": {"severity": alert.severity},
            "annotations": {"summary": told(alert.summary, service), "runbook": alert.runbook},
        }
    for number, panel in enumerate(service.panels):
        yield {"record": f"panel:{number}", "expr": told(panel.expr, service)}


def told(text: str, service: Service) -> str:
    """A text as it is for some host."""
    words = {**WATCHING, "forecast": "1209600", "job": service.name}
    return re.sub(r"@\{(\w+)\}", lambda found: words[found[1]], text)
