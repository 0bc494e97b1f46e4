"""Alertmanager: routes, receivers, keys."""

from labkeeper.checks.alerting import bad_template, unknown_alertmanager_key
from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = (
    unknown_alertmanager_key.CHECK,
    bad_template.CHECK,
)
