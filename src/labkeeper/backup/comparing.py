"""Whether what was restored is what was kept."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Final

from labkeeper.backup.program import Entry, Kind
from labkeeper.storage.digest import digest_of
from labkeeper.values import dataclass

_SLACK: Final = 1e-3  # seconds; a time as text has fewer digits than the kernel's
_UNSAYABLE: Final = ("\ufffd", "?")  # what stands for a byte that is no letter
_MOST_READ: Final = 10 << 30  # bytes of the services' own files that are read to compare


@dataclass
class Comparison:
    """What was compared, how, and what is not as it was."""

    files: int = 0
    bytes: int = 0
    # With what was noted when the backup was made; with the file itself, where it did not change.
    by_digest: int = 0
    by_source: int = 0
    wrong: list[str] = field(default_factory=list)


def compare(
    entries: Iterable[Entry],
    below: Path,
    sample: Mapping[str, bytes],
    made_at: float,
) -> Comparison:
    """Compare what lies below a folder with the names of a snapshot, and contents where known."""
    found = Comparison()
    is_root = os.geteuid() == 0
    budget = _MOST_READ
    for entry in entries:
        restored = below / entry.path.lstrip("/")
        try:
            look = restored.lstat()
        except OSError:
            if not any(sign in entry.path for sign in _UNSAYABLE):
                found.wrong.append(f"{entry.path} was not restored")
            continue
        found.wrong += [f"{entry.path} {fault}" for fault in _faults(entry, look, is_root=is_root)]
        if entry.kind != "file" or not stat.S_ISREG(look.st_mode):
            continue
        found.files += 1
        found.bytes += look.st_size
        if (digest := sample.get(entry.path)) is not None:
            found.by_digest += 1
            if digest_of(restored) != digest:
                found.wrong.append(f"{entry.path} has other contents than when it was kept")
        elif look.st_size <= budget and (live := _unchanged(entry, made_at)):
            budget -= look.st_size
            found.by_source += 1
            if digest_of(live) != digest_of(restored):
                found.wrong.append(f"{entry.path} has other contents than the file itself")
    return found


def _faults(entry: Entry, look: os.stat_result, *, is_root: bool) -> Iterator[str]:
    if _kind(look.st_mode) != entry.kind:
        yield f"is no {entry.kind} any more"
        return
    if entry.kind == "file" and entry.size not in (None, look.st_size):
        yield f"has {look.st_size} bytes instead of {entry.size}"
    if entry.kind == "file" and abs(look.st_mtime - entry.mtime) > _SLACK:
        yield "has another time"
    if entry.kind in ("file", "folder") and stat.S_IMODE(look.st_mode) != entry.mode:
        yield f"has mode {stat.S_IMODE(look.st_mode):o} instead of {entry.mode:o}"
    if is_root and (look.st_uid, look.st_gid) != entry.owner:
        yield f"belongs to {look.st_uid}:{look.st_gid} instead of {entry.owner[0]}:{entry.owner[1]}"


def _unchanged(entry: Entry, made_at: float) -> Path | None:
    """The file itself, where it is older than the backup and still as it was."""
    with suppress(OSError):
        look = os.lstat(entry.path)
        is_same = stat.S_ISREG(look.st_mode) and entry.size in (None, look.st_size)
        if is_same and abs(look.st_mtime - entry.mtime) <= _SLACK and look.st_ctime < made_at:
            return Path(entry.path)
    return None


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"
