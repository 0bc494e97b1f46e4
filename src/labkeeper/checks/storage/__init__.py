"""Moving, deleting and keeping files."""

from labkeeper.checks.check import Check
from labkeeper.checks.storage import (
    cleanup_reaches_library,
    cleanup_while_unmounted,
    cold_tier_for_database,
    delete_without_guard,
    disk_not_watched,
    import_over_two_mounts,
    media_path_mismatch,
    mount_not_required,
    mount_of_another_version,
    move_breaks_hardlinks,
    move_while_seeding,
    mover_without_verification,
    no_free_space_reserve,
    retention_over_disk,
    self_test_never_runs,
    shared_folder_different_users,
    tier_is_not_a_mount,
    tier_overlap,
)

CHECKS: tuple[Check, ...] = (
    mover_without_verification.CHECK,
    move_while_seeding.CHECK,
    delete_without_guard.CHECK,
    cleanup_while_unmounted.CHECK,
    media_path_mismatch.CHECK,
    import_over_two_mounts.CHECK,
    shared_folder_different_users.CHECK,
    move_breaks_hardlinks.CHECK,
    cleanup_reaches_library.CHECK,
    mount_not_required.CHECK,
    mount_of_another_version.CHECK,
    tier_overlap.CHECK,
    tier_is_not_a_mount.CHECK,
    cold_tier_for_database.CHECK,
    no_free_space_reserve.CHECK,
    retention_over_disk.CHECK,
    disk_not_watched.CHECK,
    self_test_never_runs.CHECK,
)
