"""All that labkeeper exposes, by name; the contract in the catalog says the same, and a test so."""

from typing import Final

from labkeeper.metrics.exposition import Family, Kind

_TABLE: Final[tuple[tuple[str, Kind, str], ...]] = (
    ("build_info", "gauge", "The version that runs."),
    ("start_timestamp_seconds", "gauge", "When this process started."),
    ("tier_size_bytes", "gauge", "How much a tier holds."),
    ("tier_used_bytes", "gauge", "How much of it is used."),
    ("tier_free_bytes", "gauge", "How much of it is free, its reserve included."),
    ("tier_reserve_bytes", "gauge", "How much of it the lab keeps free."),
    ("tier_mounted", "gauge", "Whether it is mounted and answers."),
    ("tier_growth_bytes_per_second", "gauge", "How fast it fills, most likely."),
    ("tier_time_to_full_seconds", "gauge", "Until it is full; soon and late bound four of five."),
    ("library_files", "gauge", "Files in a library."),
    ("library_bytes", "gauge", "What they take."),
    ("moved_files_total", "counter", "Files moved to their library, of the audit log."),
    ("moved_bytes_total", "counter", "Bytes moved, of the audit log."),
    ("due_files", "gauge", "Files that a rule would move now."),
    ("due_bytes", "gauge", "What they take."),
    ("oldest_unmoved_seconds", "gauge", "How long the first of them has been due."),
    ("cleaned_files_total", "counter", "Files put aside, of the audit log."),
    ("cleaned_bytes_total", "counter", "Bytes put aside, of the audit log."),
    ("purged_files_total", "counter", "Files removed for good, of the audit log."),
    ("purged_bytes_total", "counter", "Bytes removed for good, of the audit log."),
    ("quarantine_files", "gauge", "Files that are put aside."),
    ("quarantine_bytes", "gauge", "What they take."),
    ("restored_files_total", "counter", "Files brought back, of the audit log."),
    ("scrubbed_bytes_total", "counter", "Bytes read again and compared."),
    ("corrupt_files", "gauge", "Files whose bytes changed though nobody wrote to them."),
    ("repaired_files_total", "counter", "Files mended from a good copy, of the audit log."),
    ("failures_total", "counter", "What could not be done, by reason."),
    ("stopped", "gauge", "Whether a duty is kept from being done, and by what."),
    ("last_success_timestamp_seconds", "gauge", "When a duty was last done."),
    ("last_duration_seconds", "gauge", "How long it took."),
    ("client_trusted", "gauge", "Whether what an app says is believed."),
    ("client_outstanding_bytes", "gauge", "What it still has to fetch."),
    ("backup_success_timestamp_seconds", "gauge", "The oldest of the last good backups."),
    ("backup_overdue_seconds", "gauge", "How long the next one has been due."),
    ("backup_bytes", "gauge", "What the last good backups read."),
    ("backup_verified_timestamp_seconds", "gauge", "When it was last read again, and how."),
    ("backup_verify_overdue_seconds", "gauge", "How long the next reading has been due."),
    ("backup_damaged", "gauge", "Whether the last reading found damage."),
    ("drill_passed", "gauge", "Whether what was restored last was what was kept."),
    ("drill_timestamp_seconds", "gauge", "When it was last restored."),
    ("drill_duration_seconds", "gauge", "How long that took."),
    ("index_files", "gauge", "Files that the index of a tier knows."),
)  # fmt: skip
PREFIX: Final = "labkeeper_"
FAMILIES: Final = tuple(Family(PREFIX + name, kind, text) for name, kind, text in _TABLE)
