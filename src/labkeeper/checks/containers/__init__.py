"""How containers are declared."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
