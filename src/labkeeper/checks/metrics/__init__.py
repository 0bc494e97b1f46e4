"""Metric names, types, labels and values against the exporters' contracts."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
