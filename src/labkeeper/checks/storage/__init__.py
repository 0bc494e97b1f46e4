"""Moving, deleting and keeping files."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
