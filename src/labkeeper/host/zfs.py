"""ZFS: datasets and their snapshots, and how a pool stands (zfs and zpool).

Written after zfs-list(8), zfs-snapshot(8), zfs-destroy(8) and zpool-status(8) of OpenZFS, and read
from recorded output. It was never run on a real pool.
"""

import os
import re
from datetime import UTC, datetime
from typing import Final

from labkeeper.host import mounts
from labkeeper.host.run import Answer, ask
from labkeeper.values import dataclass, regex

_TO_MAKE: Final = 120.0
_SCAN: Final = regex(
    r"^\s*scan: (?P<what>scrub|resilver\w*)(?P<how>.*?)"
    r"(?: with (?P<errors>\d+) errors?)?"
    r"(?: (?:on|since) (?P<at>\w{3} \w{3} +\d+ [\d:]+ \d{4}))?\s*$",
    re.MULTILINE,
)
_NUMBERED: Final = regex(r"^\t? *(\S+)\s+([A-Z]+)\s+(\d+)\s+(\d+)\s+(\d+)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of a dataset: the part of its name behind the `@`."""

    name: str
    guid: str
    at: float


@dataclass(frozen=True, slots=True)
class Pool:
    """How a pool stands. `scrubbed` is none where it never was, or no time is said."""

    name: str
    state: str
    scan: str
    scrubbed: float | None
    # What is wrong, in its own words.
    faults: tuple[str, ...]


def dataset_of(path: bytes) -> str | None:
    """The dataset that a path lies on."""
    text = os.fsdecode(path)
    over = [
        mount for mount in mounts.mounted()
        if text == mount.point or text.startswith(mount.point.rstrip("/") + "/")
    ]  # fmt: skip
    top = max(over, key=lambda mount: len(mount.point), default=None)
    return top.device if top is not None and top.kind == "zfs" else None


def snapshots(dataset: str) -> tuple[Snapshot, ...] | None:
    """All snapshots of a dataset, the oldest first; none where nobody can say."""
    words = ["zfs", "list", "-H", "-p", "-t", "snapshot", "-d", "1", "-o", "name,guid,creation"]
    answer = ask([*words, dataset])
    if answer is None or not answer.is_good:
        return None
    return read_snapshots(answer.out, dataset)


def read_snapshots(text: str, dataset: str) -> tuple[Snapshot, ...]:
    """Read the tab-separated rows of `zfs list`."""
    found = []
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and fields[0].startswith(f"{dataset}@") and fields[2].isdigit():
            found.append(Snapshot(fields[0].partition("@")[2], fields[1], float(fields[2])))
    return tuple(sorted(found, key=lambda each: each.at))


def take(dataset: str, name: str) -> Answer | None:
    """Make a snapshot of this dataset alone."""
    return ask(["zfs", "snapshot", f"{dataset}@{name}"], _TO_MAKE)


def drop(dataset: str, name: str) -> Answer | None:
    """Remove one snapshot. Without the `@` it would be the dataset."""
    return ask(["zfs", "destroy", f"{dataset}@{name}"], _TO_MAKE)


def used_by_snapshots(dataset: str) -> int | None:
    """Bytes that would be free without any snapshot."""
    answer = ask(["zfs", "get", "-H", "-p", "-o", "value", "usedbysnapshots", dataset])
    said = answer.out.strip() if answer is not None and answer.is_good else ""
    return int(said) if said.isdigit() else None


def pool_of(dataset: str) -> Pool | None:
    """How the pool of a dataset stands; none where nobody can say."""
    # `-p` has it write numbers out; its times have no zone of their own.
    answer = ask(["zpool", "status", "-p", dataset.partition("/")[0]], 20.0, {"TZ": "UTC"})
    return None if answer is None or not answer.is_good else read_pool(answer.out)


def read_pool(text: str) -> Pool | None:
    """Read the words of `zpool status` of one pool."""
    rows = {name: value for name, value in map(_row, text.splitlines()) if name}
    if "pool" not in rows or "state" not in rows:
        return None
    found = _SCAN.search(text)
    at = _time(found["at"]) if found is not None and found["what"] == "scrub" else None
    if found is not None and ("in progress" in found["how"] or "canceled" in found["how"]):
        at = None
    faults = [] if rows["state"] == "ONLINE" else [f"it is {rows['state']}"]
    if rows.get("errors", "").strip() not in ("", "No known data errors"):
        faults.append(rows["errors"].split(",")[0])
    if found is not None and int(found["errors"] or 0):
        faults.append(f"the last {found['what']} ended with {found['errors']} errors")
    for device, _, *numbers in _NUMBERED.findall(text):
        if any(map(int, numbers)):
            read, write, sums = numbers
            faults.append(f"{device}: {read} read, {write} write, {sums} checksum errors")
    return Pool(rows["pool"], rows["state"], rows.get("scan", ""), at, tuple(faults))


def _row(line: str) -> tuple[str, str]:
    found = re.match(r" *([a-z]+): (.*)$", line)
    return (found[1], found[2]) if found else ("", "")


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp()
