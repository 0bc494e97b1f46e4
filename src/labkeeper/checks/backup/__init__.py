"""What is kept in case everything else is lost."""

from labkeeper.checks.backup import (
    backup_never_verified,
    backup_of_live_database,
    backup_on_same_disk,
    backup_unencrypted,
    service_without_backup,
)
from labkeeper.checks.check import Check

CHECKS: tuple[Check, ...] = (
    service_without_backup.CHECK,
    backup_of_live_database.CHECK,
    backup_on_same_disk.CHECK,
    backup_unencrypted.CHECK,
    backup_never_verified.CHECK,
)
