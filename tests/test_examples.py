"""The example and the guides: every planted fault is found at its line, and nothing else."""

from pathlib import Path

import pytest

from labkeeper.audit import judge
from labkeeper.checks import CHECKS
from labkeeper.host.folder import read_folder
from tests.faults import found, listed

ROOT = Path(__file__).parents[1]

IN_THE_WILD = """
alertmanager/alertmanager.yml:2 no-dead-mans-switch
alertmanager/alertmanager.yml:6 undefined-receiver
alertmanager/alertmanager.yml:7 route-matches-nothing
alertmanager/alertmanager.yml:13 environment-in-alertmanager
alertmanager/alertmanager.yml:14 unknown-alertmanager-key
compose.yaml:4 service-without-alert
compose.yaml:16 vpn-client-stranded
compose.yaml:18 port-on-vpn-client
compose.yaml:26 latest-image
compose.yaml:35 retired-service
compose.yaml:38 unknown-service
compose.yaml:50 localhost-across-containers
compose.yaml:55 database-tag-floats
compose.yaml:57 secret-in-environment
compose.yaml:63 host-network-with-ports
compose.yaml:64 privileged-container
compose.yaml:68 container-socket-mounted
compose.yaml:98 port-clash
compose.yaml:100 default-password
grafana/dashboards/media.json:10 unknown-datasource
grafana/dashboards/media.json:18 metric-nobody-exposes
grafana/dashboards/overview.json:2 wrapped-dashboard
prometheus/prometheus.yml:28 wrong-exporter-port
prometheus/prometheus.yml:32 timeout-over-interval
prometheus/prometheus.yml:34 scheme-in-target
prometheus/rules/host.yml:5 impossible-label-value
prometheus/rules/host.yml:12 pseudo-filesystem-in-disk-alert
prometheus/rules/host.yml:19 range-too-short
prometheus/rules/host.yml:23 label-lost-in-annotation
prometheus/rules/host.yml:26 alert-without-condition
prometheus/rules/media.yml:5 metric-of-another-exporter
prometheus/rules/media.yml:11 unit-mismatch
prometheus/rules/media.yml:17 counter-function-on-gauge
prometheus/rules/media.yml:17 metric-nobody-exposes
prometheus/rules/media.yml:23 counter-function-on-gauge
systemd/hot-clean.service:1 unit-never-started
systemd/hot-clean.service:6 delete-without-guard
systemd/queue-metrics.service:6 textfile-collector-off
systemd/queue-metrics.service:6 textfile-not-atomic
systemd/tier-mover.service:6 mover-without-verification
systemd/tier-mover.service:6 move-while-seeding
"""

GUIDES = """
monitoring.md:11 wrapped-dashboard
monitoring.md:19 pseudo-filesystem-in-disk-alert
monitoring.md:27 default-password
monitoring.md:33 latest-image
monitoring.md:45 privileged-container
monitoring.md:46 container-socket-mounted
monitoring.md:49 host-network-with-ports
monitoring.md:58 wrong-exporter-port
monitoring.md:71 impossible-label-value
monitoring.md:77 metric-of-another-exporter
monitoring.md:88 unknown-alertmanager-key
monitoring.md:100 port-clash
monitoring.md:107 promtail-is-retired
storage.md:6 gpus-flag-in-podman
storage.md:8 memory-limit-is-not-vram
storage.md:14 mps-before-volta
storage.md:29 delete-without-guard
storage.md:38 mover-without-verification
storage.md:46 cleanup-while-unmounted
storage.md:50 unit-never-started
storage.md:52 unset-variable
storage.md:60 textfile-not-atomic
storage.md:67 latest-image
storage.md:67 retired-service
storage.md:77 unused-recording-rule
storage.md:78 metric-nobody-exposes
storage.md:82 counter-function-on-gauge
storage.md:82 metric-nobody-exposes
"""


@pytest.mark.parametrize(
    ("path", "faults"), [("examples/found-in-the-wild", IN_THE_WILD), ("tests/guides", GUIDES)]
)
def test_planted_faults(path: str, faults: str) -> None:
    """Each planted fault is found at its line, and nothing else."""
    folder = read_folder(ROOT / path)

    verdict = judge(folder, [check for check in CHECKS if check.by_default])

    assert found(verdict.findings, folder.texts) == listed(faults)
    assert not verdict.skipped
