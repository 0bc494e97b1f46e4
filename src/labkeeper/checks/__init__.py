"""Every check, by what it is about; a docs page each, which is its test."""

from typing import Final

from labkeeper.checks import (
    alerting,
    backup,
    containers,
    gpu,
    grafana,
    metrics,
    network,
    operations,
    rules,
    scraping,
    storage,
)
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.run import Unjudged, check_form, check_plan, unjudged
from labkeeper.checks.view import View

CHECKS: Final[tuple[Check, ...]] = (
    *network.CHECKS,
    *gpu.CHECKS,
    *containers.CHECKS,
    *storage.CHECKS,
    *backup.CHECKS,
    *metrics.CHECKS,
    *rules.CHECKS,
    *scraping.CHECKS,
    *alerting.CHECKS,
    *grafana.CHECKS,
    *operations.CHECKS,
)

__all__ = ["CHECKS", "Check", "Fault", "Unjudged", "View", "check_form", "check_plan", "unjudged"]
