"""Alertmanager: routes, receivers, keys."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
