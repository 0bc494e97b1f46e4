"""One file: what each app says of it, and what each rule would do with it now."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labkeeper.keep.apps import apps_on, recorders_on
from labkeeper.keep.asking import truth_of, withheld
from labkeeper.keep.cleaning import keeping_of
from labkeeper.keep.client import seeding_of
from labkeeper.keep.deciding import Go, Moment, Wait, decide_clean, decide_move
from labkeeper.keep.heeding import kept_in_mind
from labkeeper.keep.idling import Idle
from labkeeper.keep.measuring import bytes_below, usage_of
from labkeeper.keep.rules import Kept, now_of
from labkeeper.keep.truth import Fact, Truth, Word, finished_by, withheld_by, word_of
from labkeeper.keep.usage import Usage
from labkeeper.plan import Cleanup, Move, Plan
from labkeeper.storage.candidates import held_back
from labkeeper.storage.claims import Claims, verdict
from labkeeper.storage.due import Due
from labkeeper.storage.holding import Holding
from labkeeper.storage.paths import over
from labkeeper.storage.reasons import Blocked, Refusal
from labkeeper.storage.seeding import ask
from labkeeper.storage.source import facts_of
from labkeeper.storage.tree import Tree
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule would do with it."""

    name: str
    what: str
    goes: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explained:
    """All that is said of a file."""

    path: bytes
    size: int
    links: int
    age: float
    tier: str | None
    words: tuple[Word, ...]
    rules: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """A file, and what everybody says."""

    plan: Plan
    kept: Kept
    path: bytes
    look: os.stat_result
    truths: Sequence[Truth]
    state: Path


def explain(plan: Plan, kept: Kept, path: bytes, state: Path) -> Explained:
    """Ask everybody about it."""
    look = os.stat(path)
    text = os.fsdecode(path)
    truths = [_in_mind(truth_of(app), state) for app in apps_on(plan, kept.host)]
    case = _Case(plan, kept, path, look, truths, state)
    tiers = {tier.path: tier.name for tier in kept.tiers}
    tier = over(text, tuple(tiers))
    age = max(0.0, time.time() - max(look.st_mtime, look.st_ctime))
    words = tuple(_word(truth, case) for truth in truths)
    rules = (*_moves(case), *_cleanups(case))
    return Explained(path, look.st_size, look.st_nlink, age, tiers[tier] if tier else None, words,
                     rules)  # fmt: skip


def _in_mind(truth: Truth, state: Path) -> Truth:
    if not (state / "moves.db").exists():
        return truth
    journal = Journal.open(state)
    try:
        return kept_in_mind(truth, journal, time.time(), is_kept=False)
    finally:
        journal.close()


def _word(truth: Truth, case: _Case) -> Word:
    """By its path; and by its inode, under which an app may know it by another name."""
    word = word_of(truth, (os.fsdecode(case.path),))
    other = withheld(truth.uses).inodes.get((case.look.st_dev, case.look.st_ino))
    if other is not None and not truth.doubt:
        return replace(word_of(replace(truth, uses=()), (os.fsdecode(case.path),)),
                       in_use=Fact.YES, why=other)  # fmt: skip
    return word


def _moves(case: _Case) -> Iterator[Ruling]:
    text = os.fsdecode(case.path)
    for rule in case.kept.moves:
        if over(text, (rule.source.path,)) is None:
            continue
        found = decide_move(
            rule, _usage(case.kept, rule.source.tier), _usage(case.kept, rule.target.tier),
            Moment(now_of(case.kept), idle=Idle()),
        )  # fmt: skip
        what = f"move to {case.kept.shown(rule.target)} by"
        if isinstance(found, Wait):
            yield Ruling(rule.name, what, False, found.why)
            continue
        finished = None
        if found.is_for_finished:
            truths = [truth for truth in case.truths if truth.app in rule.finished_by]
            done = finished_by(truths, rule.category)
            finished = frozenset(os.fsencode(path) for path in done)
        if not Due.of(found.older_than, finished).is_due((case.path,), case.look.st_mtime_ns):
            yield Ruling(rule.name, what, False, f"not due yet: {found.why}")
            continue
        stays = _stays(case, rule, is_removed=False)
        yield Ruling(rule.name, what, stays is None, stays or found.why)


def _cleanups(case: _Case) -> Iterator[Ruling]:
    text = os.fsdecode(case.path)
    for rule in case.kept.cleanups:
        if over(text, (rule.place.path,)) is None or rule.what in ("broken-links", "empty-folders"):
            continue
        below = 0 if rule.over is None else bytes_below(rule.place.path)
        usage = _usage(case.kept, rule.place.tier)
        found = decide_clean(rule, usage, below, now=now_of(case.kept))
        if isinstance(found, Wait):
            yield Ruling(rule.name, "clean by", False, found.why)
            continue
        yield _clip(case, rule) if rule.what == "clips" else _cleaned(case, rule, found)


def _clip(case: _Case, rule: Cleanup) -> Ruling:
    """A clip goes by its name, however new the file is."""
    name = os.path.relpath(case.path, os.fsencode(rule.place.path))
    found = keeping_of(rule).until(name)
    if found is None:
        return Ruling(rule.name, "clean by", False, "it is no clip that labkeeper copied")
    return Ruling(rule.name, "clean by", found[0] <= time.time(), found[1])


def _cleaned(case: _Case, rule: Cleanup, found: Go) -> Ruling:
    look = case.look
    recorders = {
        f: app.name for app in recorders_on(case.plan, case.kept.host) for f in app.folders
    }
    if (folder := over(os.fsdecode(case.path), tuple(recorders))) is not None:
        why = f"`{recorders[folder]}` keeps a record of it, and removes it itself"
        return Ruling(rule.name, "clean by", False, why)
    idle = time.time() - max(look.st_mtime, look.st_ctime, look.st_atime)
    if found.older_than is not None and idle < found.older_than:
        return Ruling(rule.name, "clean by", False, f"it is younger: {found.why}")
    for move in case.kept.moves:
        target = move.target.path
        is_library = over(os.fsdecode(case.path), (target,)) is not None
        if is_library and over(rule.place.path, (target,)) is None:
            return Ruling(rule.name, "clean by", False, "the lab keeps a library there")
    stays = _stays(case, rule, is_removed=True)
    if stays is not None or found.is_of_folder:
        return Ruling(rule.name, "clean by", stays is None, stays or found.why)
    behind = _behind(case, rule)
    if behind and found.missing is not None and behind >= look.st_blocks * 512:
        why = f"it would free nothing now: {held_back(behind)}"
        return Ruling(rule.name, "clean by", False, why)
    later = f"; {held_back(behind)}, which are free when those go" if behind else ""
    return Ruling(rule.name, "clean by", True, f"{found.why}{later}")


def _behind(case: _Case, rule: Cleanup) -> int:
    """Bytes of it that snapshots or other files have as well."""
    record = Quarantine.open(case.state) if (case.state / "quarantine.db").exists() else None
    head, _, name = case.path.rpartition(b"/")
    try:
        with Tree(head) as tree:
            return Holding(tree, record, time.time() + (rule.quarantine or 0.0)).of(name, case.look)
    except OSError:
        return 0
    finally:
        if record is not None:
            record.close()


def _stays(case: _Case, rule: Move | Cleanup, *, is_removed: bool) -> str | None:
    """Why somebody holds it; None where nobody does."""
    look = case.look
    used = withheld(withheld_by(t for t in case.truths if t.app not in _torrents(case)))
    if (why := used.why((case.path,), look.st_dev, look.st_ino)) is not None:
        return why
    try:
        claims = _claims(case, rule)
        if claims is not None:
            verdict(claims, facts_of(look), (case.path,), is_removed=is_removed)
            if claims.of(look.st_dev, look.st_ino) and _is_for_orphans(rule):
                return "it belongs to a torrent"
    except Refusal as refusal:
        return refusal.message
    except Blocked as blocked:
        return blocked.why
    return None


def _is_for_orphans(rule: Move | Cleanup) -> bool:
    return isinstance(rule, Cleanup) and rule.what == "orphans"


def _torrents(case: _Case) -> frozenset[str]:
    return frozenset(
        app.name for app in apps_on(case.plan, case.kept.host) if app.software == "qbittorrent"
    )


def _claims(case: _Case, rule: Move | Cleanup) -> Claims | None:
    """What the torrent client says; the journal is read, and nothing of the answer is kept."""
    moves = (rule,) if isinstance(rule, Move) else case.kept.moves
    for move in moves:
        seeding = seeding_of(case.plan, move)
        if seeding is not None:
            case.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            journal = Journal.open(case.state)
            try:
                return ask(seeding, journal, is_kept=False)
            finally:
                journal.close()
    return None


def _usage(kept: Kept, name: str) -> Usage:
    tier = kept.tier(name)
    return Usage(why=f"there is no tier `{name}`") if tier is None else usage_of(tier)
