"""Power cuts: nothing is lost at any moment, and the same cuts catch the movers that lose."""

import os
from collections.abc import Iterator

import pytest

from tests.programs import program
from tests.storage.disks import Disks, disks_of
from tests.storage.otherkernel import recorded_cuts_of
from tests.storage.power import BROKEN, KINDS, cuts_of, reordered_cuts_of

pytestmark = [
    pytest.mark.testbed,
    pytest.mark.skipif(os.geteuid() != 0, reason="loop mounts need root"),
]

# For each file system and mover, in order and reordered; `./lk bench faults` makes 500 in all.
CUTS = int(os.environ.get("LABKEEPER_CUTS", "18"))


@pytest.fixture(params=KINDS)
def disks(request: pytest.FixtureRequest) -> Iterator[Disks]:
    with disks_of(request.param) as made:
        yield made


def test_nothing_is_lost_when_the_power_goes(disks: Disks) -> None:
    """At any moment of a move and just after, every file is whole somewhere; a rerun ends it."""
    results = list(cuts_of("labkeeper", disks, CUTS))

    assert len(results) >= CUTS
    assert [faults for faults in results if faults] == []


def test_nothing_is_lost_on_a_disk_that_reorders(disks: Disks) -> None:
    """Likewise where any part of what was written since a flush got to the disk, in any order."""
    results = list(reordered_cuts_of("labkeeper", disks, CUTS))

    assert len(results) == CUTS
    assert [faults for faults in results if faults] == []


def test_nothing_is_lost_while_it_is_cleaned(disks: Disks) -> None:
    """Nor while files are put aside and brought back; what is written down late is caught."""
    assert not any(cuts_of("clean", disks, CUTS // 2))
    assert not any(reordered_cuts_of("clean", disks, CUTS // 2))
    assert any(cuts_of("clean-late", disks, 2 * CUTS)), "the harness did not catch it"


def test_what_another_kernel_recorded() -> None:
    """Nothing is lost by what dm-log-writes, in a kernel of its own, says that disks were sent."""
    program("linux.uml")
    program("dmsetup")
    with disks_of("ext4") as disks:
        results = list(recorded_cuts_of("labkeeper", disks, CUTS))

        assert len(results) == CUTS
        assert [faults for faults in results if faults] == []
        assert any(recorded_cuts_of("no-sync", disks, CUTS)), "the harness did not catch it"


@pytest.mark.parametrize("mover", BROKEN)
def test_movers_that_lose_are_caught(disks: Disks, mover: str) -> None:
    """The same cuts find a loss in a mover that does not wait, whose journal lies, and in rsync."""
    if mover == "rsync":
        program("rsync")

    assert any(cuts_of(mover, disks, CUTS)), "the harness did not catch it"


@pytest.mark.parametrize("mover", BROKEN)
def test_movers_that_lose_are_caught_by_reordering(disks: Disks, mover: str) -> None:
    """So does the disk that reorders."""
    if mover == "rsync":
        program("rsync")

    assert any(reordered_cuts_of(mover, disks, 2 * CUTS)), "the harness did not catch it"
