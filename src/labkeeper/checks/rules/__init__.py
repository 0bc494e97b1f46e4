"""Alerting and recording rules: whether they can say what they are meant to say."""

from labkeeper.checks.check import Check
from labkeeper.checks.rules import (
    absent_of_undeclared,
    alert_without_condition,
    bad_promql,
    duplicate_rule,
    label_lost_in_annotation,
    no_dead_mans_switch,
    service_without_alert,
    unused_recording_rule,
    up_of_prober,
)

CHECKS: tuple[Check, ...] = (
    bad_promql.CHECK,
    alert_without_condition.CHECK,
    absent_of_undeclared.CHECK,
    label_lost_in_annotation.CHECK,
    duplicate_rule.CHECK,
    unused_recording_rule.CHECK,
    up_of_prober.CHECK,
    no_dead_mans_switch.CHECK,
    service_without_alert.CHECK,
)
