"""What is exposed is what the contract promises, and what is not known is not exposed."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from labkeeper.backup.standing import OfRepository, OfService
from labkeeper.catalog import shipped_catalog
from labkeeper.keep.forecast import Forecast
from labkeeper.keep.seen import Due, Kept, Seen
from labkeeper.keep.status import ClientNow, Next, Status, TierNow
from labkeeper.keep.usage import Usage
from labkeeper.keep.watching import NOT_YET
from labkeeper.metrics.exposition import Family, Sample, exposed, number
from labkeeper.metrics.families import FAMILIES
from labkeeper.metrics.series import page, samples
from labkeeper.storage.index import Sum
from labkeeper.store.backups import Backup, Drill, Verification
from labkeeper.store.hashes import Looked
from labkeeper.store.log import Total, What
from tests.programs import program

CONTRACT: Final = shipped_catalog().contracts.by_name["labkeeper"]
FULL: Final = Seen(
    2000.0,
    1000.0,
    Status(
        (
            TierNow("hot", Usage(60, 100, 10), Forecast(1.5, 1.0, 2.0, 99.0, 30.0, 20.0, None)),
            TierNow("cold", Usage(why="it is not mounted"), None),
        ),
        (
            Next("films", "move", None, "", "client-unknown"),
            Next("old", "clean", None),
        ),
        clients=(ClientNow("qbittorrent", outstanding=7), ClientNow("sonarr", "it is silent")),
    ),
    frozenset({"hot"}),
    {"films": ("hot", "cold")},
    frozenset({"old"}),
    {"films": Sum(3, 30, 0)},
    {"hot": Sum(9, 90, 0)},
    {"films": Due(2, 20, 5.0)},
    (
        Total(What.MOVE, "films", "/hot/films/ to /cold/films", 4, 40, 1500.0, 2.0),
        Total(What.MOVE, "", "/elsewhere to /cold", 1, 1, 1400.0, 1.0),
        Total(What.CLEAN, "old", "/hot", 5, 50, 1600.0, 3.0),
        Total(What.UNDO, "", "/hot/sub", 1, 10, 1700.0, 1.0),
        Total(What.REPAIR, "", "/cold/film", 1, 10, 1700.0, 1.0),
    ),
    {"/hot": "hot", "/cold": "cold"},
    {"hot": (5, 50), "cold": (0, 0)},
    {"hot": Looked(1800.0, 9, 90, 1)},
    {("move", "client-unknown"): 2},
    (
        Kept(
            OfRepository(
                "vault", "/vault",
                (OfService("notes", "ok", 100.0, Backup("vault", "notes", 1900.0, 1.0, "good",
                                                        bytes=70), "", 5.0),),
                Verification("vault", 1950.0, 3.0, "sample", 1, 13), None, None,
                (Drill("vault", "notes", 1960.0, 4.0, True, 1, 1, 1, 0),),
            ),
            0.0, 12.0, {"sample": 1950.0, "data": 1000.0}, {("backup", "failed"): 1},
        ),
    ),
)  # fmt: skip


def lines(seen: Seen) -> set[str]:
    return {line for line in page(seen, "1.0").splitlines() if not line.startswith("#")}


def test_the_contract_says_what_is_exposed() -> None:
    """The same names, types and labels, and no value of a label that it does not name."""
    promised = {name: metric.type for name, metric in CONTRACT.metrics.items()}
    assert {each.name: each.kind for each in FAMILIES} == promised

    for each in samples(FULL, "1.0"):
        metric = CONTRACT.metrics[each.name]
        assert tuple(sorted(metric.labels or ())) == tuple(name for name, _ in each.labels), each
        known = dict(metric.values)
        for name, value in each.labels:
            assert name not in known or value in known[name], each


def test_everything_that_is_promised_is_exposed() -> None:
    """Where all of it is known, no family is missing."""
    assert {each.name for each in samples(FULL, "1.0")} == set(CONTRACT.metrics)


def test_what_is_known() -> None:
    """Tiers, forecasts, counters of the log, what keeps a duty, backups."""
    found = lines(FULL)

    for line in (
        'labkeeper_build_info{version="1.0"} 1',
        'labkeeper_tier_used_bytes{kind="folder",tier="hot"} 60',
        'labkeeper_tier_reserve_bytes{kind="folder",tier="hot"} 10',
        'labkeeper_tier_mounted{tier="cold"} 0',
        'labkeeper_tier_time_to_full_seconds{estimate="soon",tier="hot"} 20',
        'labkeeper_tier_time_to_full_seconds{estimate="late",tier="hot"} +Inf',
        'labkeeper_moved_files_total{from="hot",library="films",to="cold"} 4',
        'labkeeper_cleaned_bytes_total{cleanup="old"} 50',
        'labkeeper_purged_files_total{cleanup="old"} 0',
        'labkeeper_restored_files_total{tier="hot"} 1',
        'labkeeper_repaired_files_total{tier="cold"} 1',
        'labkeeper_stopped{reason="client-unknown",work="move"} 1',
        'labkeeper_stopped{reason="none",work="clean"} 0',
        'labkeeper_client_trusted{client="sonarr"} 0',
        'labkeeper_client_outstanding_bytes{client="qbittorrent"} 7',
        'labkeeper_last_success_timestamp_seconds{work="clean"} 1600',
        'labkeeper_backup_success_timestamp_seconds{repository="vault"} 1900',
        'labkeeper_backup_verified_timestamp_seconds{kind="sample",repository="vault"} 1950',
        'labkeeper_drill_passed{drill="vault/notes"} 1',
    ):
        assert line in found, line
    assert not any("outstanding" in line and "sonarr" in line for line in found)
    assert not any("tier_used" in line and "cold" in line for line in found)


def test_what_is_not_known_is_absent() -> None:
    """No record can be read, nothing was looked at: there is no 0 that anybody could believe."""
    seen = Seen(
        1.0, 1.0, Status((TierNow("hot", Usage(why=NOT_YET), None),), ()), frozenset(),
        {"films": ("hot", "hot")}, frozenset({"old"}), done=None, roots={"/hot": "hot"},
    )  # fmt: skip

    assert lines(seen) == {
        'labkeeper_build_info{version="1.0"} 1',
        "labkeeper_start_timestamp_seconds 1",
        'labkeeper_stopped{reason="none",work="move"} 0',
        'labkeeper_stopped{reason="none",work="clean"} 0',
    }


def test_a_service_that_was_never_kept_makes_the_whole_unknown() -> None:
    """The oldest of the last good backups is not that of the others."""
    (kept,) = FULL.backups
    never = OfService("photos", "never", None, None, "", None)
    standing = replace(kept.standing, services=(*kept.standing.services, never))
    found = lines(replace(FULL, backups=(replace(kept, standing=standing),)))

    assert not any("backup_success" in line for line in found)
    assert not any('work="backup"' in line and "success" in line for line in found)


def test_as_prometheus_reads_it(tmp_path: Path) -> None:
    """promtool accepts the page, whatever a name of the lab holds."""
    program("promtool")
    odd = replace(FULL, due={'a"b\\c\nd\ud800': Due(1, 1, 1.0)})
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=page(odd, "1.0").encode(), capture_output=True,
        check=False,
    )  # fmt: skip

    # It would have counters named by their base unit, which bytes and files are.
    assert (done.returncode, done.stderr.decode()) == (0, "")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1e15, "1000000000000000"), (0.1, "0.1"), (float("nan"), "NaN"),
     (float("-inf"), "-Inf"), (1e300, "1e+300")],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    """As Go reads them, and whole ones whole."""
    assert number(value) == text


def test_like_samples_are_one() -> None:
    """Two of the same labels would have the page refused as a whole."""
    family = Family("x", "gauge", "X.")

    assert exposed([family], [Sample("x", 1), Sample("x", 2)]).endswith("x 1\n")
