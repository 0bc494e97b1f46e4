"""What is true: every content that there ever was, who has to do with it, and where it may be."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from labkeeper.storage.scan import QUARANTINE
from labkeeper.store.log import Log, What
from labkeeper.store.quarantine import Held, Item, Quarantine
from tests.month.lanes import LANES, Lane

_OURS: Final = ".labkeeper"
_ASIDE: Final = QUARANTINE.decode()
# How long after the moment at which it may an hourly rule gets to it, and a clock differs.
_SLACK: Final = 60.0


@dataclass
class Content:
    """Bytes that somebody wrote, and all the names that they have in their lane."""

    lane: Lane
    names: set[str]
    digest: str
    mtime_ns: int
    owner: int
    mode: int
    used_at: float
    tier: str
    # Why it may not be touched now: `shared`, `open`, `waits`.
    holds: set[str] = field(default_factory=set)
    gone: str = ""
    aside: int | None = None

    @property
    def shown(self) -> str:
        """Its lane and its first name."""
        return f"{self.lane.name}:{min(self.names)}"


@dataclass(frozen=True)
class Place:
    """A file as it was found."""

    tier: str
    lane: str
    name: str
    look: os.stat_result
    is_aside: bool


class Oracle:
    """Knows, and complains."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.contents: list[Content] = []
        self.faults: list[str] = []
        # What was seen to happen to how many files.
        self.seen: Counter[What] = Counter()
        self._seen: dict[int, Held] = {}
        self._digests: dict[tuple[int, int, int, int], str] = {}

    def path(self, content: Content, name: str | None = None) -> Path:
        """Where one of its names is."""
        home = content.lane.homes[content.tier]
        return self._folder / home / (name or min(content.names))

    def wrote(self, lane: str, tier: str, name: str, now: float) -> Content:
        """Somebody wrote a file."""
        path = self._folder / LANES[lane].homes[tier] / name
        look = path.stat()
        content = Content(
            LANES[lane], {name}, _digest(path), look.st_mtime_ns, look.st_uid, look.st_mode, now,
            tier,
        )  # fmt: skip
        self.contents.append(content)
        return content

    def rewrote(self, content: Content, now: float) -> None:
        """Somebody changed it where it is: it is another content now."""
        path = self.path(content)
        content.digest = _digest(path)
        content.mtime_ns, content.used_at = path.stat().st_mtime_ns, now

    def alive(self, *lanes: str) -> list[Content]:
        """What is under its names, of some lanes."""
        return [
            each for each in self.contents
            if not each.gone and each.aside is None and (not lanes or each.lane.name in lanes)
        ]  # fmt: skip

    def find(self, path: bytes) -> Content | None:
        """What has a path now; what moved or went is known by where it was."""
        shown = os.path.relpath(os.fsdecode(path), self._folder)
        for content in self.contents:
            if not content.gone and any(
                f"{home}/{name}" == shown
                for home in content.lane.homes.values()
                for name in content.names
            ):
                return content
        return None

    def moved(self, target: bytes, why: str, now: float) -> None:
        """Labkeeper says that it moved a file to there."""
        content = self.find(target)
        if content is None:
            self.faults.append(f"moved what nobody knows: {os.fsdecode(target)}")
            return
        tier = next(
            tier for tier, home in content.lane.homes.items()
            if os.fsdecode(target).startswith(f"{self._folder}/{home}/")
        )  # fmt: skip
        if content.tier != tier:
            self._may_touch(content, f"moved ({why})")
            content.tier, content.used_at = tier, now
            self.seen[What.MOVE] += len(content.names)
        if not why:
            self.faults.append(f"moved without a reason: {content.shown}")

    def read(self, state: Path, now: float, told: set[int] | None) -> None:
        """Follow the record of what was put aside; `told` is in the events, if all were heard."""
        if not (state / "quarantine.db").exists():
            return
        record = Quarantine.open(state)
        items = record.items(*Held)
        record.close()
        for item in items:
            was, self._seen[item.id] = self._seen.get(item.id), item.state
            if was == item.state:
                continue
            if told is not None and item.state in (Held.HELD, Held.PURGED) and item.id not in told:
                self.faults.append(f"put aside or purged, and not told: {item.names}")
            if was is None:
                self._put_aside(item)
            if item.state is Held.PURGED:
                self._purged(item, now)
            elif item.state is Held.RESTORED:
                self._back(item, now)

    def _put_aside(self, item: Item) -> None:
        content = self.find(item.root + b"/" + item.names[0])
        if content is None:
            self.faults.append(f"put aside what nobody knows: {item.names}")
            return
        goes = content.lane.goes
        if goes is None or goes.tier != content.tier:
            self.faults.append(f"put aside without a rule: {content.shown}")
        elif item.at - content.used_at < goes.age - _SLACK:
            self.faults.append(f"put aside too early: {content.shown}")
        elif not item.reason:
            self.faults.append(f"put aside without a reason: {content.shown}")
        self._may_touch(content, "put aside")
        content.aside = item.id
        self.seen[What.CLEAN] += 1

    def _purged(self, item: Item, now: float) -> None:
        content = next((each for each in self.contents if each.aside == item.id), None)
        if content is None or content.lane.goes is None:
            self.faults.append(f"purged what nobody knows: {item.names}")
            return
        if now - item.at < content.lane.goes.hold - _SLACK:
            self.faults.append(f"purged before its hold ended: {content.shown}")
        content.gone = "purged"
        self.seen[What.PURGE] += 1

    def _back(self, item: Item, now: float) -> None:
        for content in self.contents:
            if content.aside == item.id:
                content.aside, content.used_at = None, now

    def _may_touch(self, content: Content, what: str) -> None:
        if content.holds:
            self.faults.append(f"{what}, though it is {min(content.holds)}: {content.shown}")

    def check(self, *, is_quiet: bool, is_killed: bool = False) -> None:
        """Look at every file there is; where all is quiet, nothing of labkeeper's own is left."""
        found: dict[str, list[Place]] = {}
        for place in self._places(is_quiet=is_quiet):
            found.setdefault(self._digest_of(place), []).append(place)
        for content in self.contents:
            places = found.pop(content.digest, [])
            if content.gone:
                self.faults += [f"{content.gone}, and there: {content.shown}"] if places else []
            else:
                self._check_one(content, places, is_killed=is_killed)
        for places in found.values():
            self.faults += [
                f"not what anybody wrote: {p.lane}:{p.name} on {p.tier}" for p in places
            ]

    def check_log(self, state: Path) -> None:
        """Every act is in the audit log with whose it is and why; what was cut short, as begun."""
        logged: Counter[What] = Counter()
        for act in Log(state).acts():
            logged[act.what] += max(act.files, act.end.files if act.end else 0)
            if not act.command or (act.what is not What.UNDO and not act.by.why):
                self.faults.append(f"in the log without a reason: {act}")
        logged[What.MOVE] += logged[What.RECOVER]
        for what, files in self.seen.items():
            if logged[what] < files:
                self.faults.append(f"{what}: {files} files, and the log knows of {logged[what]}")

    def _check_one(self, content: Content, places: list[Place], *, is_killed: bool) -> None:
        if not places:
            self.faults.append(f"lost: {content.shown}")
            return
        shown, look = content.shown, places[0].look
        if len({place.look.st_ino for place in places}) > 1:
            where = ", ".join(f"{p.tier}:{p.name}" for p in places)
            self.faults.append(f"there twice: {shown}: {where}")
        if (look.st_mtime_ns, look.st_uid, look.st_mode) != (
            content.mtime_ns, content.owner, content.mode
        ):  # fmt: skip
            self.faults.append(f"not as it was: {shown}")
        if content.aside is not None:
            if not all(place.is_aside for place in places):
                self.faults.append(f"aside, and there: {shown}")
            return
        if any(place.is_aside for place in places):
            self.faults.append(f"aside, and not written down: {shown}")
        elif {place.name for place in places} != content.names:
            self.faults.append(f"under other names: {shown}: {[p.name for p in places]}")
        if places[0].tier != content.tier:
            if not is_killed:
                self.faults.append(f"moved, and not told: {shown}")
            self.seen[What.MOVE] += len(content.names)
            content.tier = places[0].tier

    def _places(self, *, is_quiet: bool) -> Iterator[Place]:
        for lane in LANES.values():
            for tier, home in lane.homes.items():
                root = self._folder / home
                for path in sorted(root.rglob("*")):
                    name = str(path.relative_to(root))
                    is_aside = name.startswith(_ASIDE)
                    if path.is_dir() or (path.suffix == ".jsonl" and is_aside):
                        continue
                    if _OURS in name and not is_aside:
                        if is_quiet:
                            self.faults.append(f"left behind: {lane.name}:{name} on {tier}")
                        continue
                    yield Place(tier, lane.name, name, path.lstat(), is_aside)

    def _digest_of(self, place: Place) -> str:
        look = place.look
        key = (look.st_dev, look.st_ino, look.st_size, look.st_ctime_ns)
        if key not in self._digests:
            home = LANES[place.lane].homes[place.tier]
            self._digests[key] = _digest(self._folder / home / place.name)
        return self._digests[key]

    def forget_digests(self) -> None:
        """After a cut nothing is known of the disks."""
        self._digests.clear()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
