"""What btrfs and ZFS know of the bytes below a tier: read only, and told where it is old or bad."""

import os
import time
from collections.abc import Iterator
from typing import Final

from labkeeper.host import btrfs, filesystems, zfs
from labkeeper.keep.facts import Fact, State
from labkeeper.keep.rules import Kept
from labkeeper.plan import Tier
from labkeeper.storage import snapshots
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree

_DAY: Final = 86400.0
# Debian scrubs ZFS pools on the second Sunday of each month, and btrfs by btrfsmaintenance monthly.
_OLD: Final = 45 * _DAY
_READ_ONLY: Final = "read from what zpool says; labkeeper was never run on a real pool"


def of_medium(tier: Tier) -> Iterator[Fact]:
    """The last scrub of its file system, and the errors that its disks counted."""
    try:
        place = look_at(tier.path, "tier")
        if not place.is_folder:
            return
        kind = _kind(place.real)
        if kind == "btrfs":
            yield from _btrfs(tier)
        elif kind == "zfs":
            yield from _zfs(tier, place.real)
    except (Refusal, OSError):
        return  # that it does not answer is a fact of its mount


def of_snapshots(kept: Kept) -> Iterator[Fact]:
    """Whether each rule that asks for a snapshot can have one."""
    for rule in kept.cleanups:
        if not rule.snapshot:
            continue
        try:
            place = look_at(rule.place.path, "folder")
            if not place.is_folder:
                continue
            with Tree(place.real) as tree:
                subject = snapshots.subject_of(tree)
        except Refusal as refusal:
            why = f"it asks for a snapshot and cleans nothing: {refusal.message}"
            yield Fact("snapshot", rule.name, State.NOT_OK, why, refusal.help)
            continue
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            yield Fact("snapshot", rule.name, State.UNKNOWN, why, "look at its disk")
            continue
        if os.geteuid() and subject.kind == "btrfs":
            yield Fact(
                "snapshot", rule.name, State.UNKNOWN,
                "btrfs lets only root remove and list snapshots", "run labkeeper as root",
            )  # fmt: skip
            continue
        note = f" ({_READ_ONLY})" if subject.kind == "zfs" else ""
        yield Fact("snapshot", rule.name, State.OK, f"one is made of {subject.name} before{note}")


def _kind(path: bytes) -> str:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return filesystems.of(folder).kind
    finally:
        os.close(folder)


def _btrfs(tier: Tier) -> Iterator[Fact]:
    errors = btrfs.device_errors(tier.path)
    if errors:
        words = ", ".join(f"{number} {name}" for name, number in errors[:4])
        yield Fact(
            "disk errors", tier.name, State.NOT_OK, f"btrfs counted: {words}",
            "look at the disk and its cable (`dmesg`, `smartctl -a`), scrub it, then"
            " `btrfs device stats --reset`",
        )  # fmt: skip
    elif errors is None:
        yield Fact(
            "disk errors", tier.name, State.UNKNOWN, "`btrfs device stats` says nothing",
            "apt install btrfs-progs, and run as root",
        )  # fmt: skip
    scrub = btrfs.scrub_of(tier.path)
    if scrub is None:
        yield Fact(
            "scrub", tier.name, State.UNKNOWN, "`btrfs scrub status` says nothing",
            "apt install btrfs-progs, and run as root",
        )  # fmt: skip
        return
    help_ = f"btrfs scrub start {tier.path}"
    if scrub.errors:
        help_ = "`dmesg` names the files: restore them from a backup, and look at the disk"
        yield Fact("scrub", tier.name, State.NOT_OK, f"the last one found {scrub.errors}", help_)
    elif scrub.status and scrub.status not in ("finished", "running"):
        why = f"the last one was {scrub.status}"
        yield Fact("scrub", tier.name, State.UNKNOWN, why, f"btrfs scrub resume {tier.path}")
    else:
        yield _age(tier, scrub.at, help_, "")


def _zfs(tier: Tier, path: bytes) -> Iterator[Fact]:
    dataset = zfs.dataset_of(path)
    pool = zfs.pool_of(dataset) if dataset is not None else None
    if pool is None:
        yield Fact(
            "scrub", tier.name, State.UNKNOWN, "`zpool status` says nothing",
            "apt install zfsutils-linux",
        )  # fmt: skip
        return
    for fault in pool.faults:
        yield Fact(
            "disk errors", tier.name, State.NOT_OK, f"pool {pool.name}: {fault} ({_READ_ONLY})",
            f"zpool status -v {pool.name}",
        )  # fmt: skip
    if "in progress" in pool.scan:
        yield Fact("scrub", tier.name, State.OK, f"{pool.scan} ({_READ_ONLY})")
    elif not pool.faults:
        yield _age(tier, pool.scrubbed, f"zpool scrub {pool.name}", f" ({_READ_ONLY})")


def _age(tier: Tier, at: float | None, help_: str, note: str) -> Fact:
    if at is None:
        why = f"nobody ever read all of it again{note}"
        return Fact("scrub", tier.name, State.UNKNOWN, why, f"{help_}; once a month is usual")
    days = max(0.0, time.time() - at) / _DAY
    ago = "today" if days < 1 else f"{days:.0f} days ago" if days >= 2 else "yesterday"
    if days * _DAY > _OLD:
        why = f"the last one was {ago}{note}"
        return Fact("scrub", tier.name, State.UNKNOWN, why, f"{help_}; once a month is usual")
    return Fact("scrub", tier.name, State.OK, f"the last one was {ago}, and found no errors{note}")
