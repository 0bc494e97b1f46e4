"""How fast is a move, beside the tools that people use, and beside what the device can do?

./lk bench move [--runs N] [--only large|small] [--tool NAME]... [--folder DIR] [--json FILE]

Tools run in turns, in another order in each, caches are evicted before each run, the wait until
all is durable belongs to the time, and names and bytes are checked after each run. A ratio is
taken within a turn, and its median is printed: what else the machine does is then on both sides.
The device's floor is measured in the same turn, past the page cache, by fio: `device once` reads
and writes the bytes at the same time, which every mover has to wait for; `device floor` reads what
was written again, which a mover that verifies waits for too. Needs root, to mount two file systems.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from blake3 import blake3

ROOT = Path(__file__).parents[1]
_TRIES = 60  # seconds that a device may be in use
_SUMS = "find . -type f -print0 | sort -z | xargs -0 sha256sum"
_TWICE = (
    f"(cd {{s}} && {_SUMS}) > {{t}}/a && (cd {{d}} && {_SUMS}) > {{t}}/b && cmp {{t}}/a {{t}}/b"
)
TOOLS = {
    "labkeeper": "{python} -m labkeeper move --json --state {t}/state {s}/ {d}",
    "cp -a": "cp -a {s}/. {d}/",
    "rsync": "rsync -a --remove-source-files --checksum {s}/ {d}/",
    "rsync --fsync": "rsync -a --fsync --remove-source-files --checksum {s}/ {d}/",
    "rclone": "rclone move --checksum {s} {d}",
    "mv": "mv {s}/* {d}/",
    "cp+sha256+rm": f"cp -a {{s}}/. {{d}}/ && {_TWICE} && rm -rf {{s}}/*",
}


@dataclass(frozen=True)
class Case:
    """Files of one size."""

    name: str
    count: int
    size: int

    @property
    def bytes(self) -> int:
        """Return all of it."""
        return self.count * self.size


@dataclass(frozen=True)
class Result:
    """One run of one tool."""

    seconds: float
    cpu: float
    memory: int
    load: float  # of the machine, when it began


class Bench:
    """Two disks: an ext4 in an image each, with the options that mkfs and mount have by default."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self.source = folder / "one"
        self.target = folder / "other"

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Make the disks, in files that are booked whole and not cached twice."""
        with _disk(self.source, self.size), _disk(self.target, self.size):
            yield

    def again(self, digests: dict[str, bytes]) -> None:
        """Bring the files back, and make the target anew.

        ext4 looks at each inode that was deleted minutes ago before it takes another: a target
        that was only emptied would be slower for the next tool.
        """
        for name in digests:
            if not (self.source / name).exists():
                (self.source / name).parent.mkdir(exist_ok=True)
                shutil.copyfile(self.target / name, self.source / name)
        self._anew(self.target)

    def back(self) -> None:
        """Have the two change places: large files need not be brought back, to lie the same."""
        self._anew(self.source)
        self.source, self.target = self.target, self.source

    def _anew(self, point: Path) -> None:
        device = _run("findmnt", "-no", "SOURCE", point)
        _run("umount", point)
        _mount(device, point)

    def fill(self, case: Case) -> dict[str, bytes]:
        """Write the files; return their digests."""
        digests = {}
        for number in range(case.count):
            name = f"{number // 200:03}/{number:05}.bin"
            file = self.source / name
            file.parent.mkdir(exist_ok=True)
            hasher = blake3()
            with file.open("wb") as out:
                for _ in range(0, case.size, 1 << 20):
                    piece = os.urandom(min(case.size, 1 << 20))
                    hasher.update(piece)
                    out.write(piece)
            digests[name] = hasher.digest()
        return digests

    def evict(self) -> None:
        """Have everything on the disk and nothing in memory."""
        os.sync()
        for file in [*self.source.rglob("*.bin"), *self.target.rglob("*.bin")]:
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)

    def check(self, digests: dict[str, bytes]) -> None:
        """Every name is there with its bytes."""
        found = {str(p.relative_to(self.target)) for p in self.target.rglob("*.bin")}
        if found != set(digests):
            sys.exit(f"{len(set(digests) - found)} names are missing")
        for name, digest in digests.items():
            with (self.target / name).open("rb", buffering=0) as file:
                hasher = blake3()
                while piece := file.read(1 << 20):
                    hasher.update(piece)
            if hasher.digest() != digest:
                sys.exit(f"{name} has other bytes")


@contextmanager
def _disk(point: Path, size: int) -> Iterator[None]:
    point.mkdir()
    image = point.with_suffix(".img")
    _run("fallocate", "-l", size, image)
    device = _run("losetup", "--find", "--show", "--direct-io=on", image)
    try:
        _mount(device, point)
        yield
    finally:
        if os.path.ismount(point):
            _run("umount", point)
        _run("losetup", "--detach", device)


def _mount(device: str, point: Path) -> None:
    make = ("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", device)
    for _ in range(_TRIES):
        # Whoever made a mount namespace meanwhile has the old one still, until that ends.
        if subprocess.run(make, check=False, capture_output=True).returncode == 0:
            break
        time.sleep(1)
    else:
        _run(*make)
    _run("mount", device, point)
    (point / "lost+found").rmdir()


def _run(*command: object) -> str:
    done = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def measure(tool: str, bench: Bench) -> Result:
    """Run a tool until what it moved is durable."""
    with tempfile.TemporaryDirectory(prefix="labkeeper-bench-", dir=bench.folder) as scratch:
        command = TOOLS[tool].format(
            python=sys.executable, s=bench.source, d=bench.target, t=scratch
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        load = os.getloadavg()[0]
        began = time.monotonic()
        process = subprocess.Popen(
            ["sh", "-c", command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        peak = [0]
        watcher = threading.Thread(target=_watch, args=(process, peak))
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        _run("sync", "-f", bench.target)
        seconds = time.monotonic() - began
        watcher.join()
        if process.returncode:
            sys.exit(f"{tool} ended with {process.returncode}")
    return Result(seconds, used.ru_utime + used.ru_stime, peak[0], load)


def _watch(process: "subprocess.Popen[bytes]", peak: list[int]) -> None:
    """Note the most memory that the whole session of processes has at once."""
    while process.returncode is None:
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rpartition(")")[2].split()[3]) == process.pid:
                    rollup = (stat.parent / "smaps_rollup").read_text()
                    total += int(rollup.partition("\nPss:")[2].split()[0]) * 1024
            except (OSError, ValueError, IndexError):
                continue
        peak[0] = max(peak[0], total)
        time.sleep(0.1)


def floor(case: Case, bench: Bench) -> tuple[Result, Result]:
    """Read and write at once, then read what was written: what the device takes for each."""
    files = ":".join(str(p) for p in sorted(bench.source.rglob("*.bin")))
    copies = ":".join(str(bench.target / f"floor{n}") for n in range(case.count))
    common = ["--bs=4m", "--iodepth=8", "--ioengine=libaio", "--direct=1", "--end_fsync=1"]
    common += [f"--size={case.bytes}", "--minimal", "--group_reporting"]
    read = ["--name=read", "--rw=read", f"--filename={files}", *common]
    write = ["--name=write", "--rw=write", f"--filename={copies}", *common]
    again = ["--name=again", "--rw=read", f"--filename={copies}", *common]
    load = os.getloadavg()[0]
    times = [time.monotonic()]
    for jobs in ([*read, *write], again):
        subprocess.run(["fio", *jobs], check=True, capture_output=True)
        times.append(time.monotonic())
    for copy in bench.target.glob("floor*"):
        copy.unlink()
    once, whole = (Result(at - times[0], 0.0, 0, load) for at in times[1:])
    return once, whole


def run(case: Case, bench: Bench, runs: int, wanted: list[str]) -> dict[str, list[Result]]:
    """Run every wanted tool that is installed, in turns."""
    digests = bench.fill(case)
    first = {t: line.format(python="sh", s="", d="", t="").split()[0] for t, line in TOOLS.items()}
    tools = [tool for tool in TOOLS if tool in wanted and shutil.which(first[tool])]
    is_large = case.name == "large"
    has_floor = is_large and shutil.which("fio")
    shown = ["device once", "device floor"] if has_floor else []
    results: dict[str, list[Result]] = {tool: [] for tool in [*tools, *shown]}
    for turn in range(runs):
        for tool in _shuffled([*tools, *shown[:1]], turn):
            bench.evict()
            if tool in shown:
                for name, result in zip(shown, floor(case, bench), strict=True):
                    results[name].append(result)
            else:
                results[tool].append(measure(tool, bench))
                bench.check(digests)
                bench.back() if is_large else bench.again(digests)
            _tell(f"{case.name} {turn + 1}. {tool}", results[tool][-1])
    for folder in bench.source.iterdir():
        shutil.rmtree(folder)
    return results


_RATIO = f"{'mine/it':>9}{'min':>6}{'max':>6}"


def _shuffled(tools: list[str], turn: int) -> list[str]:
    """No tool always comes after the same other one."""
    return random.Random(turn).sample(tools, len(tools))


def _tell(what: str, result: Result) -> None:
    print(f"  {what}: {result.seconds:.2f} s, load {result.load:.1f}", file=sys.stderr, flush=True)


def table(case: Case, results: dict[str, list[Result]]) -> str:
    """Print the medians."""
    turns = len(next(iter(results.values())))
    loads = [r.load for runs in results.values() for r in runs]
    lines = [
        f"{case.count} files of {case.size:,} bytes, medians of {turns}",
        f"the machine's load: {min(loads):.1f} to {max(loads):.1f}",
        f"{'tool':<14}{'s':>8}{'min':>8}{'max':>8}{'MB/s':>7}{'CPU s/GB':>10}{'MiB':>6}{_RATIO}",
    ]
    for tool, runs in results.items():
        seconds = [r.seconds for r in runs]
        middle = statistics.median(seconds)
        cpu = statistics.median(r.cpu for r in runs) / case.bytes * 1e9
        memory = statistics.median(r.memory for r in runs) / 2**20
        lines.append(
            f"{tool:<14}{middle:>8.2f}{min(seconds):>8.2f}{max(seconds):>8.2f}"
            f"{case.bytes / middle / 1e6:>7.0f}{cpu:>10.2f}{memory:>6.0f}"
            f"{_ratio(results.get('labkeeper', []), runs)}"
        )
    return "\n".join(lines)


def _ratio(mine: list[Result], its: list[Result]) -> str:
    """The median, least and most of the ratios within a turn."""
    found = [one.seconds / other.seconds for one, other in zip(mine, its, strict=bool(mine))]
    if not found:
        return ""
    return f"{statistics.median(found):>9.2f}{min(found):>6.2f}{max(found):>6.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=["large", "small"])
    parser.add_argument("--tool", action="append", choices=list(TOOLS), help="default: all")
    parser.add_argument("--large", type=int, default=4, help="files of 1 GiB")
    parser.add_argument("--small", type=int, default=20_000, help="files of 32 KiB")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("the benchmark mounts a file system: run it as root")
    cases = [Case("large", given.large, 1 << 30), Case("small", given.small, 32 << 10)]
    document: dict[str, object] = {"format": 1, "kind": "bench-move"}
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-bench-", dir=given.folder))
    bench = Bench(folder, max(case.bytes for case in cases) * 5 // 4 + (2 << 30))
    try:
        with bench.mounted():
            for case in cases:
                if given.only in (None, case.name):
                    results = run(case, bench, given.runs, given.tool or list(TOOLS))
                    print(table(case, results), end="\n\n")
                    document[case.name] = {t: [asdict(r) for r in rs] for t, rs in results.items()}
    finally:
        shutil.rmtree(bench.folder)
    if given.json:
        given.json.write_text(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
