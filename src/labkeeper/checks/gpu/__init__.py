"""Graphics cards and what is asked of them."""

from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = ()
