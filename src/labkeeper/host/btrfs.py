"""btrfs: subvolumes and their snapshots, scrubs, and what its devices counted (btrfs-progs)."""

import os
import re
from datetime import UTC, datetime
from typing import Final

from labkeeper.host.run import Answer, ask
from labkeeper.values import dataclass, regex

# BTRFS_FIRST_FREE_OBJECTID: the inode of every subvolume's top folder.
_TOP: Final = 256
_UUID: Final = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_LISTED: Final = regex(
    rf"otime (?P<at>\S+ \S+) .*?parent_uuid +(?P<parent>{_UUID}|-).*? uuid +(?P<uuid>{_UUID})"
    r" path (?P<path>.*)$"
)
_SHOWN: Final = regex(rf"^\s*UUID:\s+({_UUID})\s*$", re.MULTILINE)
_TO_MAKE: Final = 120.0
_TO_GO: Final = 60.0  # seconds; what it frees is freed behind our back, and may take longer


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of a subvolume, wherever it lies."""

    uuid: str
    parent: str
    at: float
    path: str


@dataclass(frozen=True, slots=True)
class Scrub:
    """The last look at all of a file system: none in `at` where there never was one."""

    at: float | None
    status: str = ""
    errors: str = ""


def subvolume_of(path: bytes) -> bytes | None:
    """The top folder of the subvolume that a path lies in, as far as it can be reached."""
    device = os.stat(path).st_dev
    while True:
        look = os.stat(path)
        if look.st_dev != device:
            return None
        if look.st_ino == _TOP:
            return path
        if path == b"/":
            return None
        path = os.path.dirname(path)


def uuid_of(subvolume: str) -> str | None:
    """What tells a subvolume from every other; none where nobody may say."""
    answer = _ask(["subvolume", "show", subvolume])
    found = _SHOWN.search(answer.out) if answer is not None and answer.is_good else None
    return found[1] if found else None


def snapshots(subvolume: str) -> tuple[Snapshot, ...] | None:
    """All snapshots of a subvolume, the oldest first; none where nobody may list them."""
    own = uuid_of(subvolume)
    answer = _ask(["subvolume", "list", "-s", "-q", "-u", subvolume])
    if own is None or answer is None or not answer.is_good:
        return None
    found = (each for line in answer.out.splitlines() if (each := _snapshot(line)) is not None)
    return tuple(sorted((each for each in found if each.parent == own), key=lambda each: each.at))


def take(subvolume: str, into: str) -> Answer | None:
    """Make a snapshot that nobody can write to."""
    return _ask(["subvolume", "snapshot", "-r", subvolume, into], _TO_MAKE)


def drop(snapshot: str) -> Answer | None:
    """Remove a snapshot, and wait for a while until its room is free."""
    above = os.path.dirname(snapshot)
    answer = _ask(["subvolume", "delete", "--commit-after", snapshot], _TO_MAKE)
    if answer is not None and answer.is_good:
        _ask(["subvolume", "sync", above], _TO_GO)
    return answer


def scrub_of(path: str) -> Scrub | None:
    """What `btrfs scrub status` says; none where it says nothing that is known."""
    answer = _ask(["scrub", "status", path])
    return None if answer is None or not answer.is_good else read_scrub(answer.out)


def read_scrub(text: str) -> Scrub | None:
    """Read the words of `btrfs scrub status`."""
    rows = dict(_row(line) for line in text.splitlines() if ":" in line)
    summary = rows.get("Error summary", "")
    errors = "" if summary == "no errors found" else summary
    if "no stats available" in text:
        return Scrub(None)
    started = rows.get("Scrub started") or rows.get("Scrub resumed")
    if not started:
        return None
    at = datetime.strptime(started, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    return Scrub(at.timestamp(), rows.get("Status", ""), errors)


def device_errors(path: str) -> tuple[tuple[str, int], ...] | None:
    """What each device counted since somebody set it back: its name with the kind, and how many."""
    answer = _ask(["device", "stats", path])
    if answer is None or not answer.is_good:
        return None
    found = []
    for line in answer.out.splitlines():
        name, _, number = line.rpartition(" ")
        if number.isdigit() and int(number):
            found.append((name.strip(), int(number)))
    return tuple(found)


def _snapshot(line: str) -> Snapshot | None:
    found = _LISTED.search(line)
    if found is None:
        return None
    at = datetime.strptime(found["at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return Snapshot(found["uuid"], found["parent"], at.timestamp(), found["path"])


def _row(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _ask(words: list[str], patience: float = 20.0) -> Answer | None:
    # Its times have no zone of their own.
    return ask(["btrfs", *words], patience, {"TZ": "UTC"})
