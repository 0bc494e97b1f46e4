"""Prometheus: what is scraped, and whether it is loaded."""

from labkeeper.checks.check import Check
from labkeeper.checks.scraping import (
    alerts_go_nowhere,
    bad_duration,
    bad_regex,
    blackbox_without_relabel,
    duplicate_job,
    duplicate_target,
    exporter_not_scraped,
    key_newer_than_prometheus,
    rule_file_not_loaded,
    scheme_in_target,
    scrape_faster_than_collector,
    target_not_deployed,
    target_unreachable,
    timeout_over_interval,
    unknown_prometheus_key,
    wrong_exporter_port,
    wrong_metrics_path,
)

CHECKS: tuple[Check, ...] = (
    unknown_prometheus_key.CHECK,
    bad_duration.CHECK,
    bad_regex.CHECK,
    duplicate_job.CHECK,
    timeout_over_interval.CHECK,
    scheme_in_target.CHECK,
    duplicate_target.CHECK,
    blackbox_without_relabel.CHECK,
    rule_file_not_loaded.CHECK,
    alerts_go_nowhere.CHECK,
    target_not_deployed.CHECK,
    target_unreachable.CHECK,
    wrong_exporter_port.CHECK,
    wrong_metrics_path.CHECK,
    exporter_not_scraped.CHECK,
    scrape_faster_than_collector.CHECK,
    key_newer_than_prometheus.CHECK,
)
