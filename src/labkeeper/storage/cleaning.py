"""A whole cleaning: how much room is missing, what goes for it, and what holds it back."""

import os
import time
from collections.abc import Callable
from dataclasses import field
from datetime import timedelta

from labkeeper.host import filesystems, leases
from labkeeper.storage import manifest, recorded, snapshots
from labkeeper.storage.candidates import Candidate, Rule, Take, until
from labkeeper.storage.claims import Claims
from labkeeper.storage.holding import Holding, Others
from labkeeper.storage.libraries import Libraries
from labkeeper.storage.places import check_mounted, check_mounted_below, check_writable, look_at
from labkeeper.storage.quarantining import Done
from labkeeper.storage.reasons import Left, Refusal
from labkeeper.storage.searching import Asked, search
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.storage.withheld import Withheld
from labkeeper.store.log import By, Log
from labkeeper.store.quarantine import Held, Item, Quarantine
from labkeeper.store.snapshots import Snapshot
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class CleanRequest:
    """What the user asked for."""

    path: str
    rule: Rule
    keep_free: float | None  # share of the file system
    hold: timedelta
    most_files: int
    most_share: float
    is_sure: bool
    is_dry_run: bool
    purges_all: bool
    missing: int | None = None  # bytes to free, where another than the file system counts them
    needed: int = 0  # bytes short now: as much goes of what was held long enough
    spared: frozenset[int] = frozenset()  # inodes that somebody brought back
    claims: Claims | None = None  # what a torrent client has to do with
    libraries: tuple[bytes, ...] = ()  # folders that the lab keeps, which are left alone
    withheld: Withheld = Withheld()
    watched: frozenset[bytes] = frozenset()  # paths that somebody watched to their end
    snapshot: bool = False  # of what the path lies in, before anything goes
    counts_folder: bool = False  # what is missing is missing to a folder's limit, not on a disk
    by: By = By()


@dataclass
class CleanReport:
    """What became of a cleaning."""

    files: int = 0  # below the path
    short: int = 0  # bytes missing to keep-free before
    still_short: int = 0  # after, counting what the quarantine will give back
    waiting: int = 0  # bytes in the quarantine that are still held
    chosen: list[Candidate] = field(default_factory=list)
    aside: list[Item] = field(default_factory=list)
    purged: list[Item] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    short_now: int = 0  # bytes missing to keep-free at the end, whatever is held
    spared: list[Left] = field(default_factory=list)  # what the rule itself leaves where it is
    # Bytes that snapshots or other files have as well: of what went, and of what stays for that.
    behind: int = 0
    useless: int = 0
    others: Others | None = None  # snapshots that labkeeper did not make, where they are listed
    snapshot: Snapshot | None = None

    @property
    def is_waited_for(self) -> bool:
        """Room is missing that only the end of a hold would give."""
        return bool(self.short_now and self.waiting)


def clean(
    request: CleanRequest, record: Quarantine, report: CleanReport | None = None
) -> CleanReport:
    """Put aside what is old enough, as far as room is missing; purge what was held long enough.

    Whoever gives a report has in it what was done already where the rest is refused.
    """
    leases.quiet()
    report = report or CleanReport()
    with _open(request.path) as tree:
        filesystem = filesystems.of(tree.root)
        check_writable("folder", request.path, filesystem)
        wanted = None if request.keep_free is None else int(filesystem.size * request.keep_free)
        if request.snapshot:
            snapshots.subject_of(tree)
        if not request.is_dry_run:
            recorded.settle(request.by, record, tree)
            snapshots.settle(record, tree)
            report.left += recorded.let_go(request.by, record, tree)
            filesystem = filesystems.of(tree.root)
            report.short = max(request.needed, (wanted or 0) - filesystem.free)
            _purge(request, record, tree, report)
        free = filesystems.of(tree.root).free
        missing = None if wanted is None else max(0, wanted - free)
        if request.missing is not None:
            gone = sum(item.frees for item in report.purged)
            missing = max(0, missing or 0, request.missing - gone)
        report.waiting = sum(i.frees for i in record.items(Held.HELD) if i.root == tree.path)
        more = None if missing is None else max(0, missing - report.waiting)
        asked = _asked(request, tree, record)
        found = search(tree, request.rule, asked)
        report.files, report.spared = found.files, found.left
        allowed = [c for c in found.candidates if inode_of(c.look.st_ino) not in request.spared]
        report.chosen = list(until(allowed, more))
        _count_behind(report, allowed, asked, more)
        _check_fuse(request, len(report.chosen), found.files)
        if not request.is_dry_run and report.chosen:
            if request.snapshot:
                report.snapshot = snapshots.take(record, tree, request.hold.total_seconds())
            what = (report.chosen, request.hold.total_seconds())
            done = recorded.put_aside(request.by, record, tree, what)
            report.aside = done.items
            report.left += done.left
        gained = sum(candidate.frees for candidate in report.chosen)
        if not request.is_dry_run:
            gained = sum(item.frees for item in report.aside)
        report.still_short = max(0, (more or 0) - gained)
        report.short_now = missing or 0
    return report


def _asked(request: CleanRequest, tree: Tree, record: Quarantine) -> Asked:
    if Take.ORPHANS in request.rule.takes and request.claims is None:
        raise Refusal(
            "client-not-asked",
            f"whether a file of {request.path} is an orphan is for its torrent client to say",
            "name the client: --client qbittorrent=URL",
        )
    libraries = Libraries.below(tree.path, request.libraries)
    gone = time.time() + request.hold.total_seconds()
    holding = None if request.counts_folder else Holding(tree, record, gone)
    return Asked(
        request.claims, libraries, record.dangling, request.withheld, request.watched,
        is_dry_run=request.is_dry_run, holding=holding,
    )  # fmt: skip


def _count_behind(
    report: CleanReport, allowed: list[Candidate], asked: Asked, more: int | None
) -> None:
    report.behind = sum(candidate.behind for candidate in report.chosen)
    if more:
        chosen = {candidate.names for candidate in report.chosen}
        report.useless = sum(c.behind for c in allowed if c.names not in chosen and not c.frees)
    report.others = asked.holding.others if asked.holding else None


def undo(record: Quarantine, chosen: Callable[[Item], bool]) -> Done:
    """Bring back every item that is chosen."""
    done = Done()
    items = [item for item in record.items(Held.INTENT, Held.HELD) if chosen(item)]
    for root in sorted({item.root for item in items}):
        with _open(os.fsdecode(root)) as tree:
            recorded.settle(By(), record, tree)
            mine = [i for i in record.items(Held.HELD) if i.root == root and chosen(i)]
            part = recorded.restore(record, tree, mine)
            done.items += part.items
            done.left += part.left
    return done


def undo_lost(path: str, log: Log) -> Done:
    """Bring back everything by the manifests beside it, where the record of it is lost."""
    with _open(path) as tree:
        try:
            items = manifest.read(tree)
        except FileNotFoundError:
            return Done()
        done = recorded.bring_back(log, tree, items)
        manifest.forget(tree)
        return done


def _open(path: str) -> Tree:
    check_mounted(path)
    check_mounted_below(path)
    place = look_at(path, "folder")
    if not place.is_folder:
        raise Refusal("no-folder", f"{path} is not a folder that is there", "check the path")
    return Tree(place.real)


def _purge(request: CleanRequest, record: Quarantine, tree: Tree, report: CleanReport) -> None:
    if not report.short and not request.purges_all:
        return
    wanted = None if request.purges_all else report.short
    by, counts_folder = request.by, request.counts_folder
    done = recorded.purge(by, record, tree, wanted, counts_folder=counts_folder)
    report.purged = done.items
    report.left += done.left


def _check_fuse(request: CleanRequest, chosen: int, files: int) -> None:
    """A rule that takes nearly everything is more often a mistake than a wish."""
    most = min(request.most_files, int(files * request.most_share) + 1)
    if chosen <= most or request.is_sure or request.is_dry_run:
        return
    raise Refusal(
        "too-many",
        f"{chosen} of {files} files would be put aside; without --yes it is {most} at most",
        "look first with --dry-run --explain, then say --yes",
    )
