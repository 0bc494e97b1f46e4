"""Names of metrics, and what may be done with them."""

from labkeeper.checks.check import Check
from labkeeper.checks.metrics import (
    counter_function_on_gauge,
    gauge_function_on_counter,
    impossible_label_value,
    label_not_on_metric,
    metric_behind_flag,
    metric_dropped_by_relabel,
    metric_needs_other_gpu,
    metric_nobody_exposes,
    metric_of_another_exporter,
    metric_renamed,
    pseudo_filesystem_in_disk_alert,
    range_too_short,
    raw_counter,
    threshold_out_of_range,
    unit_mismatch,
)

CHECKS: tuple[Check, ...] = (
    metric_nobody_exposes.CHECK,
    metric_of_another_exporter.CHECK,
    metric_renamed.CHECK,
    metric_behind_flag.CHECK,
    metric_needs_other_gpu.CHECK,
    metric_dropped_by_relabel.CHECK,
    counter_function_on_gauge.CHECK,
    gauge_function_on_counter.CHECK,
    raw_counter.CHECK,
    label_not_on_metric.CHECK,
    impossible_label_value.CHECK,
    unit_mismatch.CHECK,
    threshold_out_of_range.CHECK,
    range_too_short.CHECK,
    pseudo_filesystem_in_disk_alert.CHECK,
)
