"""What would be lost, and how that is known: plain values."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from labkeeper.backup import sampling
from labkeeper.backup.jobs import Job, Jobs
from labkeeper.backup.program import Depth, Look, Part, Program, Unreachable
from labkeeper.backup.standing import OfService, standing
from labkeeper.backup.verifying import PARTS, verify
from labkeeper.lab.features import Features
from labkeeper.lab.place import NOWHERE
from labkeeper.plan import BackupSet, Host, Repository
from labkeeper.store.backups import Backup, Backups, Drill, Halted, Outcome, Verification

DAY = 86_400.0
HOST = Host(
    "box", NOWHERE, "none", "podman", None, "", "", None, None, (), (), "", 22, "", Features(), None
)
NOW = 1_800_000_000.0


@pytest.fixture
def record(tmp_path: Path) -> Backups:
    return Backups.open(tmp_path)


def jobs() -> Jobs:
    """One service in one repository."""
    kept = BackupSet("app", "box", "vault", ("/d",), (), "live", (), None, False, NOWHERE)
    repository = Repository(
        "vault", "restic", "/vault", None, None, "restic", "daily", "weekly", None, (), NOWHERE
    )
    return Jobs(repository, (Job(kept, None, HOST),))


def saw(record: Backups) -> OfService:
    """How the service stands."""
    return standing(jobs(), record, datetime.fromtimestamp(NOW, UTC), DAY).services[0]


def attempt(record: Backups, days: float, outcome: Outcome, size: int = 0) -> None:
    """An attempt so many days ago."""
    made = Backup("vault", "app", NOW - days * DAY, 1.0, outcome, "id", 1, size, "why")
    record.add(made, {"/d/a": b"1"})


def test_what_would_be_lost_counts_from_the_last_good_one(record: Backups) -> None:
    """A later attempt that failed does not make the loss smaller, and is told of."""
    assert saw(record).word == "never"
    attempt(record, 3, "good")
    assert saw(record).word == "late"
    attempt(record, 1, "good")
    assert (saw(record).word, saw(record).age) == ("ok", DAY)
    attempt(record, 0.5, "incomplete")
    assert (saw(record).word, saw(record).age, saw(record).why) == ("failed", DAY, "why")


def test_all_was_read_when_each_part_was(record: Backups) -> None:
    """The oldest of the parts counts; a look that found damage does not."""

    def look(days: float, number: int, damage: str = "", depth: str = "sample") -> float | None:
        at = NOW - days * DAY
        parts = 3 if depth == "sample" else 1
        record.add_verification(Verification("vault", at, 1.0, depth, number, parts, damage))
        found = standing(jobs(), record, datetime.fromtimestamp(NOW, UTC), DAY).all_read
        return None if found is None else round((NOW - found) / DAY, 3)

    assert look(9, 1) is None
    assert look(8, 2, "damage") is None
    assert look(7, 3) is None
    assert look(6, 2) == 9
    assert look(5, 1) == 7
    assert look(4, 1, depth="structure") == 7
    assert look(3, 1, depth="all") == 3


def test_a_restore_takes_as_long_as_one_took(record: Backups) -> None:
    """A few bytes tell nothing of how long much more will take."""
    attempt(record, 1, "good", size=64 << 20)

    def drilled(service: str, size: int, seconds: float, wrong: str = "") -> float | None:
        done = Drill("vault", service, NOW, seconds, True, 1, size, 1, 0, wrong)
        record.add_drill(done)
        return saw(record).back_in

    assert saw(record).back_in is None
    assert drilled("other", 3, 2.0) is None
    assert drilled("other", 32 << 20, 4.0) == 8.0
    assert drilled("app", 32 << 20, 1.0, "wrong") == 8.0
    assert drilled("app", 32 << 20, 2.0) == 4.0


class Vault:
    """A repository with a byte flipped in one part, that does not answer on some days."""

    def __init__(self, silent: frozenset[int]) -> None:
        self.bad: int | None = None
        self.day, self.silent = 0, silent
        self.read: list[int] = []

    def look(self, depth: Depth, part: Part) -> Look:
        """Read a part, if it answers."""
        if self.day in self.silent:
            raise Unreachable("unreachable", "it does not answer", "")
        self.read.append(part.number)
        return Look(depth, ("pack is damaged",) if part.number == self.bad else ())


@pytest.mark.parametrize("flipped", [0, 3, 12, 13, 17])
@pytest.mark.parametrize("bad", [1, 7, 13])
@pytest.mark.parametrize("silent", [frozenset[int](), frozenset({0, 2, 5, 6, 14})])
def test_a_month_of_looks_finds_a_flipped_byte_within_a_cycle(
    flipped: int, bad: int, silent: frozenset[int], record: Backups
) -> None:
    """After thirteen looks that were answered at most, whenever it flips in whichever part."""
    vault = Vault(silent)
    answered = 0
    for vault.day in range(31):
        vault.bad = bad if vault.day >= flipped else None
        try:
            look = verify(jobs(), cast("Program", vault), record, "sample")
        except Unreachable:
            continue
        answered += vault.day >= flipped
        if look.damage:
            break

    assert answered <= PARTS
    assert vault.read[-1] == bad
    assert record.verifications("vault")[-1].damage == "pack is damaged"


def test_all_of_it_counts_for_each_part(record: Backups) -> None:
    """What was just read is not the next to be read."""
    vault = Vault(frozenset())
    depths: tuple[Depth, ...] = ("sample", "sample", "all", "sample")
    for depth in depths:
        verify(jobs(), cast("Program", vault), record, depth)

    assert vault.read == [1, 2, 1, 1]


def test_a_backup_of_a_time_to_come(record: Backups) -> None:
    """A clock that was wrong once does not make all that follows look well for years."""
    record.add(Backup("vault", "app", NOW + 9 * 365 * DAY, 1.0, "good", "x", 1, 1), {})

    service = saw(record)

    assert (service.word, service.age) == ("late", None)
    assert "a time to come" in service.why


def test_what_was_stopped_is_on_record_until_it_runs(record: Backups, tmp_path: Path) -> None:
    """In the order in which it starts; another process sees it."""
    record.halt([Halted("systemctl", "b.service"), Halted("systemctl", "a.service")])

    other = Backups.open(tmp_path)
    assert [each.name for each in other.halted()] == ["b.service", "a.service"]
    other.resumed(Halted("systemctl", "b.service"))
    assert [each.name for each in record.halted()] == ["a.service"]


def test_a_sample_holds_what_nobody_wrote_to(tmp_path: Path) -> None:
    """A file that changed while the backup was made is compared with nothing."""
    for name in ("still", "written", "gone", "made-again/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    chosen = sampling.choose([str(tmp_path)], [str(tmp_path / "made-again")])
    assert sorted(path.name for path in chosen) == ["gone", "still", "written"]

    sample = sampling.read(chosen)
    (tmp_path / "written").write_text("Written")
    (tmp_path / "gone").unlink()

    assert list(sampling.unchanged(sample)) == [str(tmp_path / "still")]
