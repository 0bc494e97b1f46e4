"""Is this machine fit to keep its tiers? One fact after the other, each with what mends it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from labkeeper.host import filesystems
from labkeeper.keep.apps import App, apps_on
from labkeeper.keep.asking import truth_of
from labkeeper.keep.camera_facts import of_cameras
from labkeeper.keep.change_facts import of_changes
from labkeeper.keep.client import seeding_of
from labkeeper.keep.facts import Fact, State
from labkeeper.keep.medium_facts import of_medium, of_snapshots
from labkeeper.keep.rules import Kept
from labkeeper.keep.tier_facts import of_all, of_tier
from labkeeper.keep.truth import Truth
from labkeeper.plan import Move, Plan
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import ask
from labkeeper.store.journal import Journal
from labkeeper.store.state import Broken

# linux/capability.h. What moving files of other users takes: keeping owner, mode and times.
_CAPABILITIES: Final = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "DAC_READ_SEARCH": 2, "FOWNER": 3, "FSETID": 4, "LEASE": 28,
}  # fmt: skip


def facts(plan: Plan, kept: Kept, state: Path) -> Iterator[Fact]:
    """All of them."""
    yield _state(state)
    yield _rights(_status())
    there = []
    for tier in kept.tiers:
        found = list(of_tier(tier))
        yield from found
        yield from of_medium(tier)
        if all(fact.state is State.OK for fact in found if fact.about == "mount"):
            there.append(tier)
    yield from of_changes(there, state)
    yield from of_all(kept.tiers)
    yield from of_snapshots(kept)
    for move in kept.moves:
        yield from _marker(move, kept, state)
    for app in apps_on(plan, kept.host):
        truth = truth_of(app)
        yield _client(app, truth)
        yield from _maps(app)
    yield from _torrents(plan, kept, state)
    yield from of_cameras(plan, kept)


def _state(folder: Path) -> Fact:
    """The journal, which all that is moved and cleaned is written to first."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        return Fact(
            "state", "journal", State.NOT_OK, f"labkeeper may not write to {folder}",
            "run as the user that owns it, or name another with --state",
        )  # fmt: skip
    if not (folder / "moves.db").exists():
        return Fact("state", "journal", State.OK, f"{folder}: nothing was moved with it yet")
    try:
        Journal.open(folder).close()
    except Broken as broken:
        return Fact(
            "state", "journal", State.NOT_OK, f"it cannot be used: {broken}",
            "see that its disk has room and is sound",
        )  # fmt: skip
    return Fact("state", "journal", State.OK, f"{folder}: it can be read and written")


def _status() -> str:
    return Path("/proc/self/status").read_text("utf-8", "replace")


def _rights(status: str) -> Fact:
    """What the kernel lets this process do, beyond its own files."""
    line = next((row for row in status.splitlines() if row.startswith("CapEff:")), "CapEff: 0")
    held = int(line.split()[1], 16)
    missing = [name for name, bit in _CAPABILITIES.items() if not held >> bit & 1]
    if not missing:
        return Fact("rights", "this process", State.OK, "it may move files of any user")
    return Fact(
        "rights", "this process", State.UNKNOWN,
        f"it lacks {', '.join(missing)}: files of other users stay where they are",
        "run as root, or as the owner of the files",
    )  # fmt: skip


def _marker(move: Move, kept: Kept, state: Path) -> Iterator[Fact]:
    """Whether files went to the file system before that is there now."""
    if not (state / "moves.db").exists():
        return
    target = move.target.path
    try:
        journal = Journal.open(state)
        try:
            real = look_at(target, "target").real
            known = {p.filesystem for p in journal.pairs() if p.target == real}
        finally:
            journal.close()
        if not known or not os.path.isdir(target):
            return
        folder = os.open(target, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            now = filesystems.of(folder).identity
        finally:
            os.close(folder)
    except (Refusal, Broken, OSError) as error:
        yield Fact("marker", move.name, State.UNKNOWN, str(error).lower(), "look at its disk")
        return
    shown = kept.shown(move.target)
    if known == {now}:
        yield Fact("marker", move.name, State.OK, f"{shown} is on the file system that it was on")
        return
    yield Fact(
        "marker", move.name, State.NOT_OK,
        f"{shown} was on file system {min(known - {now})} before, and is on {now} now",
        "mount the disk that belongs there, or say `labkeeper move --new-destination` once",
    )  # fmt: skip


def _client(app: App, truth: Truth) -> Fact:
    if not truth.is_asked:
        return Fact("client", app.name, State.UNKNOWN, f"not asked: {truth.doubt}", truth.help)
    if truth.doubt:
        return Fact("client", app.name, State.NOT_OK, truth.doubt, truth.help)
    return Fact(
        "client", app.name, State.OK,
        f"version {truth.version} answers at {app.url}; it uses"
        f" {_many(len(truth.uses), 'path')} now",
    )  # fmt: skip


def _maps(app: App) -> Iterator[Fact]:
    """Each folder of its media is there on the host."""
    for each in app.maps.every:
        if each.here not in app.folders:
            continue  # its settings are the business of whatever starts it
        try:
            place = look_at(each.here, "folder")
            is_there = place.exists
        except Refusal as refusal:
            yield Fact("path", app.name, State.NOT_OK, refusal.message, refusal.help)
            continue
        if is_there:
            yield Fact("path", app.name, State.OK, f"{each.there} is {each.here}")
        else:
            yield Fact(
                "path", app.name, State.NOT_OK, f"{each.there} is {each.here}, which is not there",
                "see that its disk is mounted; a container makes an empty folder in its place",
            )  # fmt: skip


def _torrents(plan: Plan, kept: Kept, state: Path) -> Iterator[Fact]:
    """Whether the answer of a torrent client would be believed: its number, and its paths."""
    for name in sorted({move.client for move in kept.moves if move.client}):
        move = next(each for each in kept.moves if each.client == name)
        try:
            seeding = seeding_of(plan, move)
            if seeding is None:
                continue
            has_one = (state / "moves.db").exists()
            journal = Journal.open(state) if has_one else Journal.in_memory()
            try:
                claims = ask(seeding, journal, is_kept=False)
            finally:
                journal.close()
        except (Refusal, Broken) as error:
            help_ = error.help if isinstance(error, Refusal) else "see that its disk has room"
            yield Fact("torrents", name, State.NOT_OK, str(error), help_)
            continue
        files = sum(map(len, claims.by_torrent.values()))
        words = f"{_many(files, 'file')} of {_many(len(claims.by_torrent), 'torrent')}"
        yield Fact("torrents", name, State.OK, f"{words}, where it says")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
