"""Movers whose power is cut, and what is left of the files."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.storage.disks import Disks, run
from tests.storage.reordering import replay
from tests.storage.scenes import held
from tests.storage.writelog import length

KINDS: Final = ("ext4", "xfs", "btrfs")
# The harness must catch each of these losing a file.
BROKEN: Final = ("no-sync", "normal-journal", "rsync")
# These put aside and bring back; the second writes it down too late.
CLEANERS: Final = ("clean", "clean-late")
_SMALL, _LARGE = 120, 12
_ROOT = Path(__file__).parents[2]


def fill(hot: Path) -> dict[str, str]:
    """Write files of both sizes that are on the medium; return their digests."""
    digests = {}
    (hot / "data" / "sub").mkdir(parents=True)
    for number in range(_SMALL + _LARGE):
        size = 1024 * 1024 + number if number >= _SMALL else 3000 + 97 * number
        name = f"sub/{number}" if number % 2 else f"{number}"
        body = random.Random(number).randbytes(size)
        (hot / "data" / name).write_bytes(body)
        digests[name] = hashlib.sha256(body).hexdigest()
    os.sync()
    return digests


def victim(mover: str, disks: Disks) -> list[str]:
    """Return the command of a mover."""
    hot, cold, system = disks.at("hot") / "data", disks.at("cold"), disks.at("system")
    if mover == "rsync":
        return ["rsync", "-a", "--remove-source-files", "--checksum", f"{hot}/", f"{cold}/"]
    arguments = [mover, str(hot), str(cold), str(system / "state")]
    return [sys.executable, "-m", "tests.storage.victim", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{_ROOT}:{_ROOT / 'src'}"}


def start(mover: str, disks: Disks) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        victim(mover, disks), cwd=_ROOT, env=environment(), start_new_session=True,
        stderr=None if mover == "labkeeper" else subprocess.DEVNULL,
    )  # fmt: skip


def cut_while_moving(mover: str, disks: Disks, seconds: float, wanted: int) -> int:
    """Run a mover, cutting at random moments and at its end; return the number of cuts."""
    with disks.mounted():
        process = start(mover, disks)
        number = 0
        while process.poll() is None and number < wanted - 1:
            time.sleep(random.uniform(0.3, 1.7) * seconds / wanted)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGSTOP)
                disks.cut(number, source_is_written=number % 2 == 0)
                os.killpg(process.pid, signal.SIGCONT)
                number += 1
        process.wait()
        disks.cut(number, source_is_written=True)
    return number + 1


def homes(digest: str, name: str, disks: Disks) -> set[str]:
    """Say on which disk a file is whole: under its name, or set aside."""
    found = set()
    for disk, file in (("hot", disks.at("hot") / "data" / name), ("cold", disks.at("cold") / name)):
        if _digest(file) == digest:
            found.add(disk)
        elif disk == "hot":
            aside = (_digest(p) for p in file.parent.glob(".labkeeper-*.retired"))
            if digest in aside:
                found.add(disk)
    return found


def _digest(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def losses(digests: dict[str, str], disks: Disks) -> list[str]:
    """Name what is whole nowhere, or torn under its final name."""
    faults = []
    for name, digest in digests.items():
        where = homes(digest, name, disks)
        if not where:
            faults.append(f"lost: {name}")
        elif "cold" not in where and (disks.at("cold") / name).exists():
            faults.append(f"torn: {name}")
    return faults


def _after_cleaning(disks: Disks, digests: dict[str, str]) -> list[str]:
    """Everything is under its name or aside and written down; an undo brings all of it back."""
    hot = disks.at("hot") / "data"
    known = {_digest(file) for file in held(disks.at("system") / "state", hot).values()}
    faults = [
        f"lost: {name}"
        for name, digest in digests.items()
        if _digest(hot / name) != digest and digest not in known
    ]
    start("undo", disks).wait()
    faults += [f"not back: {n}" for n, digest in digests.items() if _digest(hot / n) != digest]
    return faults + [f"debris: {p.name}" for p in hot.rglob(".labkeeper-*/*")]


def after(mover: str, disks: Disks, cut: int, digests: dict[str, str]) -> list[str]:
    """Look at what a cut left, run the mover again, and look again."""
    with disks.mounted(cut):
        if mover in CLEANERS:
            return _after_cleaning(disks, digests)
        faults = losses(digests, disks)
        if mover == "rsync":
            return faults
        start(mover, disks).wait()
        faults += [
            f"not there: {name}" for name, d in digests.items() if homes(d, name, disks) != {"cold"}
        ]
        for disk in ("hot", "cold"):
            faults += [f"debris: {p.name}" for p in disks.at(disk).rglob(".labkeeper-*")]
    return faults


def cuts_of(mover: str, disks: Disks, wanted: int) -> Iterator[list[str]]:
    """Yield what each of so many cuts did, in the order in which the writes were sent."""
    done = 0
    seconds = 1.0
    while done < wanted:
        disks.fresh()
        with disks.mounted():
            digests = fill(disks.at("hot"))
        began = time.monotonic()
        number = cut_while_moving(mover, disks, seconds, wanted)
        seconds = max(0.2, time.monotonic() - began - 0.1 * number)
        for cut in range(number):
            yield after(mover, disks, cut, digests)
            disks.drop(cut)
            done += 1


def reordered_cuts_of(mover: str, disks: Disks, wanted: int, seed: int = 1) -> Iterator[list[str]]:
    """Yield what cuts did that let any part of the writes since the last flush get through."""
    disks.fresh()
    with disks.mounted():
        digests = fill(disks.at("hot"))
    with disks.logged():
        began = length(disks.log)
        start(mover, disks).wait()
        said_done = length(disks.log)
        # Disks write back at moments of their own: here the source's first.
        run("sync", "-f", disks.at("hot"))
        ended = length(disks.log)
    dice = random.Random(seed)
    moments = sorted(dice.randint(began, ended) for _ in range(wanted - 2))
    for number in replay(disks, sorted([*moments, said_done, ended]), dice):
        yield after(mover, disks, number, digests)
        disks.drop(number)
