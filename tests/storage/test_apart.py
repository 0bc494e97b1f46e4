"""Two moves on disks that they do not share, at one time and with one journal, are each their own.

What makes it so: a unit is of a pair, and who moves between the folders of a pair alone recovers
it, forgets its plan and removes its temporary. The last test takes that away, and is caught.
"""

import hashlib
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkeeper.storage import moving
from labkeeper.storage.moving import Request, move
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from tests.storage.disks import run
from tests.storage.solo import SILENT

SIDES = ("a", "b")
KIB = 1 << 10


class Pairs:
    """Two sources, two destinations, and one state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir()
        self.sums: dict[str, dict[str, str]] = {side: {} for side in SIDES}

    def at(self, side: str, end: str) -> Path:
        """The folder of a side that files come from, or go to."""
        return self.folder / f"{side}-{end}"

    def fill(self, side: str, sizes: list[int]) -> None:
        """Files to move."""
        for number, size in enumerate(sizes):
            file = self.at(side, "hot") / str(number % 7) / f"{number}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(os.urandom(size))
        self.sums[side] = sums(self.at(side, "hot"))

    def start(
        self, side: str, limit: int | None = None, break_: Callable[[Journal], None] | None = None
    ) -> int:
        """Move in a process of its own; it ends with 0 where nothing was left."""
        child = os.fork()
        if child:
            return child
        code = 3
        try:
            os.setsid()
            code = self._move(side, limit, break_)
        except BaseException:  # a test's child never comes back to the test
            traceback.print_exc()
        finally:
            os._exit(code)

    def _move(self, side: str, limit: int | None, break_: Callable[[Journal], None] | None) -> int:
        try:
            with states.lock(self.state, {f"disk {side}"}):
                journal = Journal.open(self.state)
                if break_:
                    break_(journal)
                hot, cold = self.at(side, "hot"), self.at(side, "cold")
                request = Request(
                    (f"{hot}/",), str(cold), self.state, reserve=0, limit=limit, copies=True,
                    workers=2,
                )  # fmt: skip
                _, report = move(request, journal, SILENT)
                journal.close()
        except states.Busy:
            return 4
        return 1 if report.left or report.died else 0

    def end(self, side: str) -> None:
        """Move what is left, when those that were killed are really gone."""
        until = time.monotonic() + 60
        while (code := ended(self.start(side))) == 4:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert code == 0

    def check(self) -> None:
        """Every file is whole, at its end and nowhere else, and nothing of ours lies about."""
        for side in SIDES:
            assert sums(self.at(side, "cold")) == self.sums[side]
            assert sums(self.at(side, "hot")) == {}
        journal = Journal.open(self.state)
        assert [u for pair in journal.pairs() for u in journal.unfinished(pair)] == []
        journal.close()

    def part(self, side: str) -> Path:
        """The temporary of a large file, once there is one."""
        until = time.monotonic() + 60
        while not (found := list(self.at(side, "cold").rglob(".labkeeper-*.part"))):
            assert time.monotonic() < until
            time.sleep(0.01)
        return found[0]


def sums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def pairs(tmp_path: Path) -> Pairs:
    found = Pairs(tmp_path)
    for side in SIDES:
        for end in ("hot", "cold"):
            found.at(side, end).mkdir()
    return found


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Pairs]:
    """Each folder is a disk of its own."""
    found = Pairs(tmp_path)
    with ExitStack() as ending:
        for side in SIDES:
            for end in ("hot", "cold"):
                image, at = tmp_path / f"{side}-{end}.img", found.at(side, end)
                with image.open("wb") as file:
                    file.truncate(48 << 20)
                at.mkdir()
                run("mkfs.ext4", "-q", "-F", image)
                run("mount", "-o", "loop", image, at)
                ending.callback(run, "umount", "-l", at)
                (at / "lost+found").rmdir()
        yield found


def hang(pairs: Pairs, break_: Callable[[Journal], None] | None) -> tuple[int, int, Path]:
    """One hangs in the middle of a large file while the other moves; how both ended."""
    pairs.fill("a", [2048 * KIB])
    pairs.fill("b", [3 * KIB, 900 * KIB, 0, *[10 * KIB] * 30])
    hanging = pairs.start("a", limit=512 * KIB)
    part = pairs.part("a")
    os.killpg(hanging, signal.SIGSTOP)
    try:
        other = ended(pairs.start("b", break_=break_))
        assert sums(pairs.at("b", "cold")) == pairs.sums["b"]
    finally:
        os.killpg(hanging, signal.SIGCONT)
    return ended(hanging), other, part


def test_one_that_hangs(pairs: Pairs) -> None:
    """The other moves all of its files meanwhile; and when it is back, it goes on to its end."""
    assert hang(pairs, None)[:2] == (0, 0)

    pairs.check()


def test_recovering_what_is_anothers_is_caught(pairs: Pairs) -> None:
    """A mover that took every unit under way for a dead one's would take the temporary away."""

    def everything(journal: Journal) -> None:
        real: Any = moving._task
        moving._task = lambda *given: replace(real(*given), pairs=tuple(journal.pairs()))

    first, _, part = hang(pairs, everything)

    assert first != 0
    assert not part.exists()
    assert sums(pairs.at("a", "hot")) == pairs.sums["a"]


def killed(pairs: Pairs, times: int, seed: int) -> None:
    """Both move at the same time, and each is killed again and again, wherever it is."""
    draw = random.Random(seed)
    sizes = [0, 700 * KIB, *[draw.randrange(40 * KIB) for _ in range(250)], 1500 * KIB]
    for side in SIDES:
        pairs.fill(side, sizes)
    moves = {side: pairs.start(side) for side in SIDES}
    for _ in range(times):
        side = draw.choice(SIDES)
        time.sleep(draw.uniform(0, 0.25))
        # All of it, or whoever leads it alone: its workers end by themselves.
        with suppress(ProcessLookupError):
            draw.choice([os.kill, os.killpg])(moves[side], signal.SIGKILL)
        os.waitpid(moves[side], 0)
        moves[side] = pairs.start(side)
    for side, child in moves.items():
        ended(child)
        pairs.end(side)
    pairs.check()


def test_kills(pairs: Pairs) -> None:
    """Nothing is lost, twice there or left half-done, whoever is killed when."""
    killed(pairs, 12, 1)


@pytest.mark.testbed
@pytest.mark.parametrize("seed", range(4))
def test_kills_on_disks(disks: Pairs, seed: int) -> None:
    """The same where each folder is a file system of its own."""
    killed(disks, 60, seed)


@pytest.mark.testbed
def test_one_disk_hangs(disks: Pairs) -> None:
    """The other pair of disks goes on."""
    assert hang(disks, None)[:2] == (0, 0)

    disks.check()
