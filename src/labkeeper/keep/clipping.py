"""One rule's clips: which events are wanted, and their footage from Frigate to where it stays.

What is copied is what Frigate's own list says, whatever anybody published: a message is a hint.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, assert_never

from labkeeper.host import filesystems, mp4
from labkeeper.host.frigate import Frigate, Review
from labkeeper.host.http import Unanswered
from labkeeper.keep.events import Clip as Copied
from labkeeper.keep.events import Clipped as Told
from labkeeper.keep.events import Missing, Refused
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.usage import Usage
from labkeeper.plan import Clips as Rule
from labkeeper.storage.arriving import Coming, shown, there
from labkeeper.storage.clips import Keeping, name_of
from labkeeper.storage.places import check_expected, check_mounted, check_writable, look_at
from labkeeper.storage.reasons import HELP, Blocked, Refusal
from labkeeper.storage.tree import Tree
from labkeeper.store.clips import Clip, Clipped, Clips

# Frigate keeps five seconds before and after an event (`record.alerts.pre_capture`).
_AROUND: Final = 5.0
# It names a recording when it is ten seconds long and was looked at (`record/maintainer.py`).
_SETTLES: Final = 20.0
_LATEST: Final = 600.0  # seconds after which no recording of an event comes any more
_RETRY: Final = (30.0, 3600.0)
_DAY: Final = 86400.0
_FIRST_BACK: Final = _DAY  # how far back a rule looks when it is new
_OVERLAP: Final = 3600.0
_FORGET: Final = 7 * _DAY
_AT_ONCE: Final = 20  # clips of one look


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule's clips come from and go to."""

    rule: Rule
    kept: Kept
    frigate: Frigate
    # How full the tier is that they go to.
    usage: Callable[[], Usage]
    clock: Callable[[], float] = time.time
    is_ending: Callable[[], bool] = lambda: False


class Copier:
    """Copies the clips of one rule."""

    def __init__(self, source: Source, record: Clips) -> None:
        self._source = source
        self._record = record
        self._rule = source.rule
        self._keeping = Keeping(source.rule.keep, source.rule.by_label)
        self._zone = zone_of(source.kept.timezone)

    def is_wanted(self, review: Review) -> bool:
        """Whether it ended, shows what the rule asks for, and would still be kept."""
        if review.end is None:
            return False
        if self._rule.events and review.labels.isdisjoint(self._rule.events):
            return False
        seconds, _ = self._keeping.of(review.labels)
        return self._source.clock() - review.start < seconds

    def catch_up(self) -> None:
        """Note every event that ended since all was known."""
        now = self._source.clock()
        known = self._record.until(self._rule.name)
        since = now - _FIRST_BACK if known is None else min(known, now) - _OVERLAP
        self._source.frigate.enter()
        reviews = [r for r in self._source.frigate.reviews(since) if self.is_wanted(r)]
        clips = [
            Clip(
                r.id, Clipped.WANTED, r.camera, r.start, r.end or r.start,
                self._keeping.ordered(r.labels), (r.end or r.start) + _AROUND + _SETTLES,
            )
            for r in reviews
        ]  # fmt: skip
        self._record.want(self._rule.name, clips, now, since - _FORGET)

    def is_known(self, review: str) -> bool:
        """Whether an event was noted."""
        return self._record.of(self._rule.name, review) is not None

    def waits(self) -> float:
        """In how many seconds there is a clip to look at; a day, where there is none."""
        due = [each.due for each in self._record.open_ones(self._rule.name)]
        return max(0.0, min(due) - self._source.clock()) if due else _DAY

    def copy(self) -> Told:
        """Copy what is due, the oldest first."""
        now = self._source.clock()
        told = Told(self._rule.name, self._rule.service, self._source.kept.shown(self._rule.target))
        due = [each for each in self._record.open_ones(self._rule.name) if each.due <= now]
        if not due:
            return told
        try:
            with self._target() as tree:
                return self._copy(tree, due[:_AT_ONCE], told)
        except Refusal as refusal:
            self._rest(due)
            refused = Refused(refusal.code, refusal.message, refusal.help)
        except OSError as error:
            self._rest(due)
            blocked = shown(error)
            refused = Refused(blocked.code, blocked.why, HELP[blocked.code])
        return replace(told, refused=refused)

    def _copy(self, tree: Tree, due: list[Clip], told: Told) -> Told:
        copied, missing, silent = list[Copied](), list[Missing](), 0
        for clip in due:
            if self._source.is_ending() or silent > 1:
                break
            try:
                found = self._one(tree, clip)
                silent = 0
            except Unanswered as unanswered:
                found = self._later(clip, unanswered.why)
                silent += 1
            except Blocked as blocked:
                self._rest(due)
                why = Refused(blocked.code, blocked.why, HELP[blocked.code])
                return replace(told, clips=tuple(copied), missing=tuple(missing), refused=why)
            if isinstance(found, Copied):
                copied.append(found)
            elif found is not None:
                missing.append(found)
        return replace(told, clips=tuple(copied), missing=tuple(missing))

    def _one(self, tree: Tree, clip: Clip) -> Copied | Missing | None:
        path = name_of(clip.camera, clip.labels, clip.review, clip.began, self._zone)
        try:
            found = there(tree, path)
        except Blocked as blocked:
            return self._give_up(clip, blocked.why)
        if found is not None:
            if clip.state is Clipped.VERIFIED and found != (clip.size, clip.digest):
                return self._give_up(clip, "something else has its name at the destination")
            # Its name holds the number of its event, and it gets that when it is whole.
            return self._end(clip, path, found)
        match self._footage(clip):
            case "coming":
                return self._later(clip, clip.why)
            case "none":
                return self._give_up(clip, "Frigate has no recording of it")
            case "there":
                pass
            case never:
                assert_never(never)
        coming = Coming.begin(tree, path, f".labkeeper-clip-{clip.review}.part".encode())
        try:
            return self._fetch(coming, clip, path)
        finally:
            coming.close()

    def _fetch(self, coming: Coming, clip: Clip, path: bytes) -> Copied | Missing | None:
        frigate, usage = self._source.frigate, self._source.usage()
        span = (clip.began - _AROUND, clip.ended + _AROUND)
        with closing(frigate.clip(clip.camera, *span)) as pieces:
            digest = coming.fill(pieces, usage.room)
        fault = mp4.fault(coming.file)
        if fault is not None:
            return self._later(clip, f"what Frigate sent is not whole: {fault}")
        coming = coming.check(digest, clip.ended)
        size, digest, evidence = coming.arrived.size, coming.arrived.digest, coming.arrived.evidence
        sure = replace(clip, state=Clipped.VERIFIED, path=path, size=size, digest=digest, why="")
        self._record.put(self._rule.name, sure)
        coming.name()
        return replace(self._end(sure, path, (size, digest)), evidence=evidence)

    def _footage(self, clip: Clip) -> Literal["there", "coming", "none"]:
        """Whether its recordings are there; the last ones come a while after it ended."""
        start, end = clip.began - _AROUND, clip.ended + _AROUND
        footage = self._source.frigate.footage(clip.camera, start, end)
        is_late = self._source.clock() > clip.ended + _LATEST
        if footage and (is_late or max(each.end for each in footage) >= clip.ended):
            return "there"
        return "none" if is_late else "coming"

    def _end(self, clip: Clip, path: bytes, found: tuple[int, bytes]) -> Copied:
        done = replace(clip, state=Clipped.COPIED, path=path, size=found[0], digest=found[1])
        self._record.put(self._rule.name, done)
        whole = os.path.join(os.fsencode(self._rule.target.path), path)
        return Copied(clip.review, clip.camera, clip.labels, clip.began, whole, found[0], None)

    def _give_up(self, clip: Clip, why: str) -> Missing:
        self._record.put(self._rule.name, replace(clip, state=Clipped.MISSED, why=why))
        return Missing(clip.review, clip.camera, clip.began, why, is_final=True)

    def _later(self, clip: Clip, why: str) -> Missing | None:
        """Try again, less often as it gets older; the same reason is told once."""
        self._put_off(clip, why)
        if why == clip.why:
            return None
        return Missing(clip.review, clip.camera, clip.began, why, is_final=False)

    def _put_off(self, clip: Clip, why: str) -> None:
        now = self._source.clock()
        delay = min(_RETRY[1], max(_RETRY[0], (now - clip.ended) / 4))
        self._record.put(self._rule.name, replace(clip, due=now + delay, why=why))

    def _rest(self, due: list[Clip]) -> None:
        for clip in due:
            self._put_off(clip, clip.why)

    @contextmanager
    def _target(self) -> Iterator[Tree]:
        """The folder of all clips; on a tier that is there, it is made."""
        path, usage = self._rule.target.path, self._source.usage()
        if not usage.is_known:
            raise Refusal("tier-unknown", usage.why, "see that its disk is mounted and answers")
        check_mounted(path)
        place = look_at(path, "folder")
        if not place.exists:
            Path(path).mkdir(parents=True, exist_ok=True)
            place = look_at(path, "folder")
        if not place.is_folder:
            raise Refusal("no-folder", f"{path} is not a folder", "check the path")
        with Tree(place.real) as tree:
            check_expected(place, tree)
            check_writable("folder", path, filesystems.of(tree.root))
            yield tree
