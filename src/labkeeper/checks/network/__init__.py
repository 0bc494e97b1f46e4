"""Who listens where, and who can reach it."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
