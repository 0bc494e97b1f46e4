"""Does a move lose a file when anything fails, or the power? And does the harness see one lost?

./lk bench faults [--cells N] [--cuts N] [--json FILE]

Cells: move, clean, undo and purge are broken off at each call from Python, at each system call
(strace), and once more while a crash is recovered from: SIGKILL, EIO, ENOSPC, EDQUOT, EXDEV,
EROFS, a short write, a disk that lies. Cuts: the power goes during a move and just after, with
the writes in the order in which they were sent, and with any part of what was not flushed; where
user-mode Linux is installed, by its dm-log-writes too. After each, every file is looked at, the
command is run once more, and every file is looked at again.

Movers and cleaners with one step made wrong run through the same; where one of them is not
caught losing, the run fails, because then the rest of it proves nothing. Needs root and strace.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from tests.storage import broken, cells
from tests.storage.cells import Cell
from tests.storage.disks import disks_of
from tests.storage.otherkernel import is_there, recorded_cuts_of
from tests.storage.power import BROKEN, KINDS, cuts_of, reordered_cuts_of
from tests.storage.world import World

_TRIES = 40  # until a mover that loses has to be caught
_ORDERS = {"in order": cuts_of, "in any order": reordered_cuts_of}


@dataclass
class Row:
    """A line of the table: what was done so often, and what went wrong."""

    what: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    must_lose: bool = False

    @property
    def is_right(self) -> bool:
        """The product lost nothing; what was made wrong was caught."""
        return bool(self.wrong) == self.must_lose and self.tried > 0


def main() -> None:
    """Break everything off, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("power cuts are made with loop devices: run it as root")
    rows = []
    for row in _rows(given.cells, given.cuts):
        rows.append(row)
        print(f"  {_line(row)}", file=sys.stderr, flush=True)
        for what in row.wrong[:5] if not row.must_lose else ():
            print(f"    {what}", file=sys.stderr, flush=True)
    is_right = all(row.is_right for row in rows)
    print(_table(rows))
    if given.json:
        body = {"format": 1, "kind": "bench-faults", "rows": [asdict(row) for row in rows]}
        given.json.write_text(json.dumps(body | {"is_right": is_right}, indent=2))
    sys.exit(0 if is_right else 1)


def _rows(number: int, cuts: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, cells.prepared():
        world = World(Path(folder) / "world")
        yield from _cells(world, number) if number else ()
        for name, variant in broken.VARIANTS.items():
            yield _timed(f"broken: {name}", [["lost"] if variant(world) else []], must_lose=True)
    # Two thirds while moving, one while cleaning.
    each = max(2, -(-cuts * 2 // (3 * len(KINDS) * len(_ORDERS))))
    for kind in KINDS if cuts else ():
        for order, cut in _ORDERS.items():
            with disks_of(kind) as disks:
                what = f"power cuts, {kind}, {order}"
                yield _timed(what, islice(cut("labkeeper", disks, each), each))
                while_cleaning = islice(cut("clean", disks, each // 2), each // 2)
                yield _timed(f"power cuts while cleaning, {kind}, {order}", while_cleaning)
                late = ("clean-late",) if cut is cuts_of else ()
                for mover in BROKEN + late:
                    lost = next(filter(None, cut(mover, disks, max(each, _TRIES))), [])
                    yield _timed(f"broken: {mover}, {kind}, {order}", [lost], must_lose=True)
    if cuts and is_there():
        yield from _in_another_kernel(each)


def _in_another_kernel(each: int) -> Iterator[Row]:
    with disks_of("ext4") as disks:
        what = "power cuts, ext4, recorded by another kernel"
        yield _timed(what, recorded_cuts_of("labkeeper", disks, each))
        for mover in ("no-sync", "rsync"):
            lost = next(filter(None, recorded_cuts_of(mover, disks, each)), [])
            name = f"broken: {mover}, ext4, recorded by another kernel"
            yield _timed(name, [lost], must_lose=True)


def _cells(world: World, number: int) -> Iterator[Row]:
    """All single faults there are; the rest of the number are faults while recovering."""
    left = number
    for kind in sorted(cells.KINDS, key=lambda name: name == cells.LAST):
        every = cells.KINDS[kind](world)
        share = left if kind == cells.LAST else min(len(every), left * 2 // 3)
        chosen = cells.sample(every, share)
        left -= len(chosen)
        scenes = Counter(cell.scene.name for cell in chosen)
        told = ", ".join(f"{n:,} {name}" for name, n in scenes.items())
        yield _timed(f"{kind} ({told})", _run(chosen))


def _run(chosen: list[Cell]) -> Iterator[list[str]]:
    yield from cells.run_all(chosen)


def _timed(what: str, results: Iterable[list[str]], *, must_lose: bool = False) -> Row:
    row = Row(what, must_lose=must_lose)
    began = time.monotonic()
    for wrong in results:
        row.tried += 1
        row.wrong += wrong
    row.seconds = time.monotonic() - began
    return row


def _line(row: Row) -> str:
    if row.must_lose:
        return f"{row.what}: {'caught' if row.wrong else 'NOT CAUGHT'}"
    lost = f"{len(row.wrong)} WRONG" if row.wrong else "nothing lost"
    return f"{row.what}: {row.tried:,} in {row.seconds:.0f} s, {lost}"


def _table(rows: list[Row]) -> str:
    tried = [row for row in rows if not row.must_lose]
    caught = [row for row in rows if row.must_lose]
    of_cuts = [row for row in tried if row.what.startswith("power")]
    of_cells = [row for row in tried if row not in of_cuts]
    lines = [_line(row) for row in rows]
    lines += [
        f"cells: {sum(r.tried for r in of_cells):,} in {sum(r.seconds for r in of_cells):.0f} s",
        f"cuts: {sum(r.tried for r in of_cuts):,} in {sum(r.seconds for r in of_cuts):.0f} s",
        f"wrong: {sum(len(row.wrong) for row in tried)}",
        f"broken ones caught: {sum(bool(row.wrong) for row in caught)} of {len(caught)}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
