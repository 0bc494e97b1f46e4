"""What does it cost to know what lies on a disk, beside the tools that walk it?

./lk bench scan [--files N]... [--runs N] [--json FILE]

Each size is a tree of empty files, fifty to a folder, on an ext4 in an image, all of it in memory.
`find -printf` and `du` run between the index's own runs, on the same tree. Wall seconds are those
of this machine at this moment: where others compute on it, look at the processor's. Needs root.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.process import run as run_program
from labkeeper.host import leases
from labkeeper.host.feed import MISSED, Watcher
from labkeeper.storage.index import Index

_SIZES = (50_000, 500_000, 2_000_000)
_FOLDER = 50  # files
_CHANGES = 1000
_GOALS = {
    "idle pass": "10 ms",
    "a change, ten to a folder": "50 us",
    "sweep after a start": "1/10 of find",
    "first index": "6 s for 500,000",
    "memory": "60 MB",
    "open-file check": "20 us",
}


@dataclass(frozen=True)
class Row:
    """One figure: the median of its runs; the processor's share where that was looked at."""

    files: int
    what: str
    value: float
    unit: str
    processor: float | None = None


@contextmanager
def disk(files: int) -> Iterator[Path]:
    """A file system with room for so many inodes."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-scan-", dir="/var/tmp"))
    image, point = folder / "image", folder / "disk"
    point.mkdir()
    with image.open("wb") as file:
        file.truncate(256 * 1024**2 + files * 800)
    make = ["mkfs.ext4", "-q", "-F", "-N", str(files + files // 20 + 20_000), str(image)]
    subprocess.run(make, check=True)
    subprocess.run(["mount", "-o", "loop,noatime", str(image), str(point)], check=True)
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", str(point)], check=True)
        shutil.rmtree(folder)


def grow(root: Path, files: int) -> list[Path]:
    """Make the tree."""
    folders = []
    for number in range(files // _FOLDER):
        folder = root / f"library-{number // 100}" / f"title-{number}"
        folder.mkdir(parents=True)
        opened = os.open(folder, os.O_RDONLY)
        for name in range(_FOLDER):
            made = os.open(
                f"A.File.With.A.Name.{name}.mkv", os.O_CREAT | os.O_WRONLY, dir_fd=opened
            )
            os.close(made)
        os.close(opened)
        folders.append(folder)
    os.sync()
    time.sleep(0.2)  # until times of folders prove something
    return folders


@dataclass
class Bench:
    """The measured figures of one tree."""

    root: Path
    folders: list[Path]
    files: int
    runs: int
    rows: list[Row]

    def note(self, what: str, took: list[tuple[float, float]], unit: str, each: float = 1) -> None:
        """Keep the median."""
        scale = {"s": 1.0, "ms": 1e3, "us": 1e6}[unit] / each
        wall, processor = (statistics.median(column) * scale for column in zip(*took, strict=True))
        self.rows.append(Row(self.files, what, wall, unit, processor))

    def peers(self) -> None:
        """The tools that walk."""
        for name, command in {
            "find -printf": ["find", str(self.root), "-printf", "%T@ %s %b %i %n %p\n"],
            "du": ["du", "-s", str(self.root)],
        }.items():
            done = [run_program(command) for _ in range(self.runs + 1)][1:]
            self.note(name, [(one.seconds, one.processor) for one in done], "s")

    def index(self, state: Path) -> None:
        """The index, watched."""
        feed = Watcher.start([str(self.root)])
        index = Index.open(state, str(self.root))
        self.note("first index", [timed(lambda: index.refresh(feed.take()))], "s")
        idle = [timed(lambda: index.refresh(feed.take())) for _ in range(self.runs * 5)]
        self.note("idle pass", idle, "ms")
        # What a second without changes costs whoever keeps it.
        quiet = [timed(lambda: feed.is_quiet and index.is_due(0.0)) for _ in range(self.runs * 5)]
        self.note("no pass, as nothing is said", quiet, "us")
        for words, share in (("ten to a folder", 10), ("each in its own folder", 1)):
            took = [self._changed(index, feed, share) for _ in range(self.runs)]
            self.note(f"a change, {words}", took, "us", _CHANGES)
        assert index.sum_of().files == self.files
        time.sleep(0.2)
        index.audit_all()  # so that the times of all folders are known as they are now
        index.refresh(feed.take())
        feed.close()
        index.close()

    def _changed(self, index: Index, feed: Watcher, share: int) -> tuple[float, float]:
        """The mean of making and removing."""
        step = max(1, len(self.folders) * share // _CHANGES)
        some = [self.folders[n * step % len(self.folders)] for n in range(_CHANGES // share)]
        new = [folder / f"new-{n}" for folder in some for n in range(share)]
        both = []
        for act in (Path.touch, Path.unlink):
            for path in new:
                act(path)
            both.append(timed(lambda: index.refresh(feed.take())))
        return (both[0][0] + both[1][0]) / 2, (both[0][1] + both[1][1]) / 2

    def sweep(self, state: Path) -> None:
        """A start that finds an index."""
        took = []
        for _ in range(self.runs):
            index = Index.open(state, str(self.root))
            took.append(timed(lambda index=index: index.refresh(MISSED)))  # type: ignore[misc]
            index.close()
        self.note("sweep after a start", took, "s")
        size = sum(file.stat().st_size for file in (state / "index").iterdir())
        self.rows.append(Row(self.files, "index on disk", size / self.files, "B/file"))

    def leases(self) -> None:
        """Is a file open elsewhere?"""
        paths = sorted(self.folders[0].iterdir()) * 20
        opened = [os.open(path, os.O_RDONLY) for path in paths]

        def ask() -> None:
            for file in opened:
                assert leases.hold_against_writers(file) is leases.Use.FREE
                leases.drop(file)

        self.note("open-file check", [timed(ask) for _ in range(self.runs)], "us", len(opened))
        with _writer_in_a_container(paths[0]):
            assert leases.hold_against_writers(opened[0]) is leases.Use.IN_USE
        for file in opened:
            os.close(file)


@contextmanager
def _writer_in_a_container(path: Path) -> Iterator[None]:
    """Somebody who has a file open where no look into /proc sees it."""
    script = 'exec 3>>"$1"; echo open; read word'
    command = ["unshare", "--pid", "--mount", "--fork", "sh", "-c", script, "sh", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        yield
        writer.communicate(b"end\n")


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - processor


def measure(files: int, runs: int) -> list[Row]:
    """All figures of one size. In a process of its own, whose memory is the index's."""
    rows: list[Row] = []
    with disk(files) as point, tempfile.TemporaryDirectory() as state:
        bench = Bench(point, grow(point, files), files, runs, rows)
        bench.folders = bench.folders[:: max(1, len(bench.folders) // 2000)]
        bench.peers()
        child = os.fork()
        if child == 0:
            _in_child(bench, Path(state))
        _, status = os.waitpid(child, 0)
        assert status == 0, "the index could not be measured"
        found = json.loads((Path(state) / "rows.json").read_text())
        return [*rows, *(Row(**row) for row in found)]


def _in_child(bench: Bench, state: Path) -> None:
    status = 1
    try:
        bench.rows = []
        bench.index(state)
        bench.sweep(state)
        bench.leases()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        bench.rows.append(Row(bench.files, "memory", memory, "MB"))
        (state / "rows.json").write_text(json.dumps([asdict(row) for row in bench.rows]))
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def show(rows: list[Row]) -> None:
    """The table, with the goal of each."""
    sizes = sorted({row.files for row in rows})
    print(f"{'':32}" + "".join(f"{size:>24,}" for size in sizes) + "  goal")
    for what in dict.fromkeys(row.what for row in rows):
        cells = [next(r for r in rows if (r.files, r.what) == (s, what)) for s in sizes]
        print(f"{what:32}" + "".join(f"{_cell(cell):>24}" for cell in cells), end="")
        print(f"  {_GOALS.get(what, '')}".rstrip())
    for size in sizes:
        took = {row.what: row.value for row in rows if row.files == size}
        print(f"{size:,}: a sweep takes 1/{took['find -printf'] / took['sweep after a start']:.0f}"
              " of find")  # fmt: skip


def _cell(row: Row) -> str:
    text = f"{row.value:.3g} {row.unit}" if row.value < 100 else f"{row.value:.0f} {row.unit}"
    return text if row.processor is None else f"{text} (cpu {row.processor:.3g})"


def main() -> None:
    """Measure, and show."""
    parser = argparse.ArgumentParser(prog="lk bench scan")
    parser.add_argument("--files", type=int, action="append")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    if os.geteuid():
        sys.exit("root is needed: to mount an image, and to listen to the kernel")
    rows = [row for files in wanted.files or _SIZES for row in measure(files, wanted.runs)]
    show(rows)
    if wanted.json:
        body = {"format": 1, "kind": "bench-scan", "rows": [asdict(row) for row in rows]}
        wanted.json.write_text(json.dumps(body, indent=2) + "\n")


if __name__ == "__main__":
    main()
