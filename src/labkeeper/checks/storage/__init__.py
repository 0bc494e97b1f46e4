"""Moving, deleting and keeping files."""

from labkeeper.checks.check import Check
from labkeeper.checks.storage import (
    cleanup_while_unmounted,
    delete_without_guard,
    move_while_seeding,
    mover_without_verification,
)

CHECKS: tuple[Check, ...] = (
    mover_without_verification.CHECK,
    move_while_seeding.CHECK,
    delete_without_guard.CHECK,
    cleanup_while_unmounted.CHECK,
)
