"""Alerting and recording rules, taken by themselves."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
