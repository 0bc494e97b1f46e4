"""Dashboards, data sources and their provisioning."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
