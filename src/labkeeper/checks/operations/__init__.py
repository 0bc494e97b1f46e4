"""Units, logs, retired software, and labkeeper's own comments."""

from labkeeper.checks import allow
from labkeeper.checks.check import Check
from labkeeper.checks.operations import (
    bad_logql,
    high_cardinality_label,
    loki_rules_layout,
    no_native_module,
    promtail_is_retired,
    target_not_supported,
    textfile_collector_off,
    textfile_not_atomic,
    unit_never_started,
    unset_variable,
)

CHECKS: tuple[Check, ...] = (
    unit_never_started.CHECK,
    unset_variable.CHECK,
    textfile_not_atomic.CHECK,
    textfile_collector_off.CHECK,
    loki_rules_layout.CHECK,
    bad_logql.CHECK,
    high_cardinality_label.CHECK,
    promtail_is_retired.CHECK,
    allow.UNUSED,
    no_native_module.CHECK,
    target_not_supported.CHECK,
)
