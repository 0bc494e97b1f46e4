"""Units, logs, retired software, and labkeeper's own comments."""

from labkeeper.checks import allow
from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = (allow.UNUSED,)
