"""Prometheus: what is scraped, and whether it is loaded."""

from labkeeper.checks.check import Check
from labkeeper.checks.scraping import (
    alerts_go_nowhere,
    bad_duration,
    blackbox_without_relabel,
    duplicate_job,
    duplicate_target,
    rule_file_not_loaded,
    scheme_in_target,
    timeout_over_interval,
    unknown_prometheus_key,
)

CHECKS: tuple[Check, ...] = (
    unknown_prometheus_key.CHECK,
    bad_duration.CHECK,
    duplicate_job.CHECK,
    timeout_over_interval.CHECK,
    scheme_in_target.CHECK,
    duplicate_target.CHECK,
    blackbox_without_relabel.CHECK,
    rule_file_not_loaded.CHECK,
    alerts_go_nowhere.CHECK,
)
