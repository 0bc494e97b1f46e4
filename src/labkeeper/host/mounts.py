"""What is mounted, and what was promised to be."""

import os
import re
import select
from dataclasses import field
from pathlib import Path
from typing import Final

from labkeeper.values import dataclass, regex

_ESCAPE: Final = regex(r"\\([0-7]{3})")
_UNITS: Final = ("/etc/systemd/system", "/run/systemd/generator", "/usr/lib/systemd/system")


@dataclass(frozen=True, slots=True)
class Mount:
    """A row of /proc/self/mountinfo."""

    point: str
    kind: str
    device: str
    # `8:1`, the numbers of its device; empty where nobody said.
    number: str = field(default="", compare=False)
    # The folder of the file system that is seen there: `/` unless a part of it is mounted.
    root: str = field(default="/", compare=False)
    read_only: bool = field(default=False, compare=False)


class Table:
    """The table of mounts, which tells when it changed: nobody has to read it for that."""

    def __init__(self) -> None:
        self._file = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._poll = select.poll()
        # proc_pid_mounts(5); POLLERR is always told.
        self._poll.register(self._file, select.POLLPRI)

    def has_changed(self) -> bool:
        """Since it was asked the last time."""
        return bool(self._poll.poll(0))

    def close(self) -> None:
        """Ask no more."""
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Promise:
    """A mount point that a file of the host declares."""

    point: str
    what: str
    told_by: str


def mounted(text: str | None = None) -> tuple[Mount, ...]:
    """Read what is mounted now, the latest mount of a point last."""
    if text is None:
        text = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
    rows = []
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        kind, device = right.split(" ")[:2]
        # proc_pid_mountinfo(5): mount ID, parent ID, major:minor, root, mount point, options.
        number, root, point, options = left.split(" ")[2:6]
        rows.append(
            Mount(
                _plain(point),
                kind,
                _plain(device),
                number,
                _plain(root),
                "ro" in options.split(","),
            )
        )
    return tuple(rows)


def over(path: str) -> Mount | None:
    """Return the mount that a path is on."""
    found = [mount for mount in mounted() if _is_below(path, mount.point)]
    # Of those at one point the last hides the others.
    return max(reversed(found), key=lambda mount: len(mount.point), default=None)


def device_of(path: str) -> str | None:
    """Return the block device below a path; None where it is none, as with a server or a pool."""
    top = over(path)
    return top.device if top is not None and top.device.startswith("/dev/") else None


def promised(fstab: Path = Path("/etc/fstab"), units: tuple[str, ...] = _UNITS) -> list[Promise]:
    """Read the mount points that fstab and systemd's mount units declare."""
    found = [promise for folder in units for promise in _from_units(Path(folder))]
    if fstab.is_file():
        for line in fstab.read_text(errors="surrogateescape").splitlines():
            words = line.split()
            if len(words) >= 3 and not words[0].startswith("#") and words[1].startswith("/"):
                point = os.path.normpath(_plain(words[1]))
                found.append(Promise(point, _plain(words[0]), str(fstab)))
    return found


def promise_for(path: str, promises: list[Promise]) -> Promise | None:
    """Return the deepest promised mount point that `path` lies on, the root aside."""
    over = [p for p in promises if p.point != "/" and _is_below(path, p.point)]
    return max(over, key=lambda promise: len(promise.point), default=None)


def expected_uuid(promise: Promise) -> str | None:
    """Return the UUID that a promise names, or None where it names something else."""
    for start in ("UUID=", "/dev/disk/by-uuid/"):
        if promise.what.startswith(start):
            return promise.what[len(start) :].strip('"').lower()
    return None


def _from_units(folder: Path) -> list[Promise]:
    found = []
    for unit in sorted(folder.glob("*.mount")):
        text = unit.read_text(errors="surrogateescape")
        where = re.search(r"^Where=(\S.*)$", text, re.MULTILINE)
        what = re.search(r"^What=(\S.*)$", text, re.MULTILINE)
        # Units of the vendor are for the kernel's own file systems.
        if (where and what and what[1].startswith(("/", "UUID=", "LABEL="))) or (
            where and _is_net(what)
        ):
            found.append(Promise(os.path.normpath(where[1]), what[1] if what else "", str(unit)))
    return found


def _is_net(what: re.Match[str] | None) -> bool:
    return what is not None and ":" in what[1]


def _is_below(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def _plain(word: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)), word)
