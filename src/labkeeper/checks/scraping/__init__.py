"""What Prometheus asks, how often, and what it loads."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
