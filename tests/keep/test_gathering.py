"""What is gathered from the records of a host, and what is unknown where they cannot be read."""

from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.cli.keeping import judged, kept_of
from labkeeper.keep.events import Moved, Refused
from labkeeper.keep.gathering import Gathering
from labkeeper.keep.seen import Seen
from labkeeper.keep.status import Status, TierNow
from labkeeper.keep.usage import Usage
from labkeeper.metrics.series import page
from labkeeper.store.backups import Backup, Backups, Verification
from labkeeper.store.log import Back, By, Ending, Log, What
from tests.storage.cleaner import clean_here

STATUS = Status(tuple(TierNow(name, Usage(1, 10), None) for name in ("hot", "cold")), ())


@pytest.fixture
def gathering(tmp_path: Path) -> Gathering:
    for name in ("hot/films", "cold", "vault"):
        (tmp_path / name).mkdir(parents=True)
    lab = tmp_path / "lab.yaml"
    lab.write_text(
        f"""lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {tmp_path}/hot, size: 10MiB}}
      cold: {{path: {tmp_path}/cold, size: 10MiB}}
storage:
  libraries:
    films: {{from: "hot:films", to: "cold:films"}}
services:
  notes: {{image: "localhost/notes:1", paths: {{/d: "hot:notes"}}, backup: {{stop: false}}}}
backup:
  repositories:
    vault: {{to: {tmp_path}/vault, password: secret:restic, every: daily, verify: weekly}}
secrets: {{store: files, folder: {tmp_path}}}
"""
    )
    _, verdict = judged(lab)
    assert verdict.plan is not None
    return Gathering(verdict.plan, kept_of(verdict, None, lab), tmp_path / "state")


def lines(seen: Seen) -> set[str]:
    return {line for line in page(seen, "1").splitlines() if not line.startswith("#")}


def test_records(gathering: Gathering, tmp_path: Path) -> None:
    """The log, the quarantine, the backups, and what was refused while somebody listened."""
    state = tmp_path / "state"
    (tmp_path / "hot" / "a").write_bytes(bytes(5000))
    clean_here(state, tmp_path / "hot")
    with Log(state).deed(What.MOVE, By("films"), b"x") as deed:
        deed.begin(3, 30)
        deed.end(Ending.DONE, (3, 30), Back())
    record = Backups.open(state / "backup")
    record.add(Backup("vault", "notes", gathering.began - 3 * 86400, 1.0, "good", bytes=7), {})
    record.add(Backup("vault", "notes", gathering.began - 100, 1.0, "failed"), {})
    record.add_verification(Verification("vault", gathering.began - 50, 2.0, "structure", 0, 0))
    record.close()
    refused = Refused("client-unknown", "it is silent", "start it")
    gathering.event(replace(Moved("films", "", "", ""), refused=refused))

    found = lines(gathering.look(STATUS))

    for line in (
        'labkeeper_moved_files_total{from="hot",library="films",to="cold"} 3',
        'labkeeper_quarantine_files{tier="hot"} 1',
        'labkeeper_quarantine_files{tier="cold"} 0',
        'labkeeper_failures_total{reason="client-unknown",work="move"} 1',
        'labkeeper_failures_total{reason="failed",work="backup"} 1',
        'labkeeper_backup_damaged{repository="vault"} 0',
        'labkeeper_backup_verify_overdue_seconds{repository="vault"} 0',
    ):
        assert line in found, line
    (overdue,) = [line for line in found if "backup_overdue" in line]
    assert 2 * 86400 <= float(overdue.split()[1]) < 2 * 86400 + 600


def test_what_was_never_kept_is_due_since_somebody_looks(gathering: Gathering) -> None:
    """There is no time of a backup, and the wait for the first one is told all the same."""
    gathering.began -= 3 * 86400

    found = lines(gathering.look(STATUS))

    assert not any("backup_success" in line for line in found)
    (overdue,) = [line for line in found if "backup_overdue" in line]
    assert 2 * 86400 <= float(overdue.split()[1]) < 2 * 86400 + 600


def test_damaged_records_are_unknown(gathering: Gathering, tmp_path: Path) -> None:
    """Nothing is counted from a record that cannot be read, and nobody falls over it."""
    state = tmp_path / "state"
    (state / "backup").mkdir(parents=True)
    for name in ("log.db", "quarantine.db", "backup/backups.db"):
        (state / name).write_bytes(b"no database" * 1000)

    found = lines(gathering.look(STATUS))

    assert not any("moved" in line or "quarantine" in line or "backup" in line for line in found)
