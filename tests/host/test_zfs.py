"""What zfs and zpool say, in output of the forms that OpenZFS documents: no pool was asked."""

import pytest

from labkeeper.host.zfs import read_pool, read_snapshots

_CONFIG = """config:

\tNAME        STATE     READ WRITE CKSUM
\ttank        {state}     0     0     0
\t  mirror-0  {state}     0     0     0
\t    sda     ONLINE       0     0     {sums}
\t    sdb     {disk}       0     0     0

errors: {errors}
"""


def _status(scan: str, **words: str) -> str:
    given = {"state": "ONLINE", "disk": "ONLINE", "sums": "0", "errors": "No known data errors"}
    given |= words
    status = "status: One or more devices has been removed by the administrator.\n"
    note = "" if given["state"] == "ONLINE" else status
    return f"  pool: tank\n state: {given['state']}\n{note}  scan: {scan}\n" + _CONFIG.format(
        **given
    )


SUN = 1627229269.0  # Sun Jul 25 16:07:49 2021


@pytest.mark.parametrize(
    ("scan", "at"),
    [
        ("scrub repaired 0B in 00:00:02 with 0 errors on Sun Jul 25 16:07:49 2021", SUN),
        ("scrub repaired 0 in 0h28m with 0 errors on Sun Jul 25 16:07:49 2021", SUN),
        ("scrub repaired 34.7M in 1 days 02:03:04 with 0 errors on Sun Jul 25 16:07:49 2021", SUN),
        ("none requested", None),
        ("scrub canceled on Sun Jul 25 16:07:49 2021", None),
        ("scrub in progress since Sun Jul 25 16:07:49 2021\n\t1.2T scanned, 3 issued", None),
        ("resilvered 1.2G in 00:01:00 with 0 errors on Sun Jul 25 16:07:49 2021", None),
        ("something that nobody ever wrote", None),
    ],
)
def test_a_scrub(scan: str, at: float | None) -> None:
    """Only one that ended says that all was read; a healthy pool has no fault."""
    pool = read_pool(_status(scan))

    assert pool is not None
    assert (pool.name, pool.scrubbed, pool.faults) == ("tank", at, ())


def test_faults() -> None:
    """A disk that is gone, sums that were wrong, files that are lost: each is told."""
    scan = "scrub repaired 0B in 01:02:03 with 7 errors on Sun Jul 25 16:07:49 2021"
    words = {"state": "DEGRADED", "disk": "REMOVED", "sums": "12"}
    pool = read_pool(_status(scan, errors="7 data errors, use '-v' for a list", **words))

    assert pool is not None
    assert pool.faults == (
        "it is DEGRADED",
        "7 data errors",
        "the last scrub ended with 7 errors",
        "sda: 0 read, 0 write, 12 checksum errors",
    )


def test_nothing_that_is_known() -> None:
    """No pool, no answer: it is unknown, and never well."""
    assert read_pool("cannot open 'tank': no such pool\n") is None
    assert read_pool("") is None


def test_snapshots() -> None:
    """Those of the dataset itself, by the tab-separated rows that `-H -p` writes."""
    text = "tank/m@b\t22\t200\ntank/m@a\t11\t100\ntank/m/c@x\t33\t300\ntank/m\t9\t1\nnonsense\n"

    assert [(s.name, s.guid, s.at) for s in read_snapshots(text, "tank/m")] == [
        ("a", "11", 100.0),
        ("b", "22", 200.0),
    ]
