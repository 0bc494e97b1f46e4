"""The documents that the project comes from are its first customers."""

import os
from pathlib import Path

import pytest

from labkeeper.audit import judge
from labkeeper.checks import CHECKS
from labkeeper.host.folder import read_folder
from tests.faults import found, listed

SHARED = Path(os.environ.get("LK_SHARED", Path(__file__).parents[2] / "shared"))

# Everything that is wrong in them, at its line, and nothing else.
FAULTS = """
phase2-monitoring.md:48 wrapped-dashboard
phase2-monitoring.md:71 pseudo-filesystem-in-disk-alert
phase2-monitoring.md:86 default-password
phase2-monitoring.md:103 latest-image
phase2-monitoring.md:124 latest-image
phase2-monitoring.md:127 privileged-container
phase2-monitoring.md:131 container-socket-mounted
phase2-monitoring.md:135 host-network-with-ports    # and the scrape of 8083 at 157
phase2-monitoring.md:152 wrong-exporter-port        # and the published 9445 at 117
phase2-monitoring.md:186 impossible-label-value     # up{job="node-exporter"}
phase2-monitoring.md:204 pseudo-filesystem-in-disk-alert
phase2-monitoring.md:212 metric-of-another-exporter
phase2-monitoring.md:218 metric-of-another-exporter
phase2-monitoring.md:231 unknown-alertmanager-key   # and its broken template
phase2-monitoring.md:237 unknown-alertmanager-key
phase2-monitoring.md:272 port-clash                 # 8501, first at 265
phase4-advanced.md:38 gpus-flag-in-podman         # all GPUs
phase4-advanced.md:40 gpus-flag-in-podman         # a device that is none
phase4-advanced.md:41 memory-limit-is-not-vram
phase4-advanced.md:56 mps-before-volta
phase4-advanced.md:89 delete-without-guard
phase4-advanced.md:90 delete-without-guard
phase4-advanced.md:108 mover-without-verification
phase4-advanced.md:123 cleanup-while-unmounted
phase4-advanced.md:142 unit-never-started
phase4-advanced.md:146 unset-variable
phase4-advanced.md:155 latest-image
phase4-advanced.md:155 retired-service
phase4-advanced.md:186 textfile-not-atomic          # and its empty value
phase4-advanced.md:197 unused-recording-rule
phase4-advanced.md:198 metric-nobody-exposes
phase4-advanced.md:199 unused-recording-rule
phase4-advanced.md:200 metric-nobody-exposes
phase4-advanced.md:207 counter-function-on-gauge
roadmap.md:74 promtail-is-retired
"""


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seeds are not beside the checkout")
def test_seeds() -> None:
    """The seeds' faults are found at their lines, and nothing that is not one."""
    folder = read_folder(SHARED / "seeds")

    verdict = judge(folder, [check for check in CHECKS if check.by_default])

    assert found(verdict.findings, folder.texts) == listed(FAULTS)
    assert not verdict.skipped
