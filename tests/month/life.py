"""What goes on in the lab: files that arrive, people who watch, rename, link and delete."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.month.lanes import DAY, HOUR, LANES, MIB, TURN
from tests.month.oracle import Content
from tests.month.world import World

# Of a day's downloads, what comes in each hour: little at night, most in the evening.
_HOURS: Final = (
    2, 1, 1, 0, 0, 0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5, 7, 9, 10, 10, 9, 6, 4,
)  # fmt: skip
_WEEKEND: Final = 1.6
_NEARLY_FULL: Final = 0.06
_USER: Final = 1000
_SHARED_FOR: Final = (8 * HOUR, 5 * DAY)


@dataclass
class Life:
    """Of a lab with some people."""

    world: World
    _number: int = 0
    _shared: list[tuple[float, str, list[Content]]] = field(default_factory=list)
    _ended: list[tuple[float, str]] = field(default_factory=list)
    _watched: list[str] = field(default_factory=list)

    def turn(self) -> None:
        """What happens in some hours, each at a moment of its own; then labkeeper looks."""
        clock = self.world.clock
        begin = clock.now() // TURN * TURN
        for hour in range(int(TURN // HOUR)):
            self._hour(begin + hour * HOUR)
        self._end_shares()
        clock.go_to(begin + TURN + 5)
        self.world.look()
        self.world.confirm()

    def _hour(self, begin: float) -> None:
        dice, clock = self.world.dice, self.world.clock
        clock.go_to(begin)
        day = clock.day()
        busy = _HOURS[day.hour] / 4 * (_WEEKEND if day.weekday() >= 5 else 1)
        acts = [act for act, often in self._habits() if dice.random() < often * busy / 24]
        moments = sorted(dice.random() for _ in acts)
        for moment, act in zip(moments, acts, strict=True):
            clock.go_to(begin + moment * HOUR)
            if self._has_room():
                act()
        if self._has_room():
            self._film_a_porch()

    def _has_room(self) -> bool:
        """Clients stop on a disk that is nearly full."""
        look = os.statvfs(self.world.disks.at("hot"))
        return look.f_bavail > look.f_blocks * _NEARLY_FULL

    def _habits(self) -> list[tuple[Callable[[], object], float]]:
        """How often a day each is done."""
        return [
            (self.film, 1.2), (self.episode, 3.0), (self.job, 1.0), (self.photos, 0.7),
            (self.image, 0.5), (self.unpack, 1.5), (self.watch, 3.0),
            (self.delete, 1.2), (self.rename, 0.6), (self.link, 0.5), (self.rewrite, 0.6),
            (self.note, 2.0),
        ]  # fmt: skip

    def write(self, lane: str, tier: str, name: str, size: int, body: bytes = b"") -> Content:
        """A file appears under its name when it is whole, as clients do it."""
        world = self.world
        path = world.folder / LANES[lane].homes[tier] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body or world.dice.randbytes(size))
        os.chown(path, _USER, _USER)
        return world.oracle.wrote(lane, tier, name, world.clock.said())

    def size(self, typical: float, spread: float = 0.6) -> int:
        """Sizes of real files: many near the typical one, some far larger. A GiB is a MiB here."""
        return int(min(6.0, typical * self.world.dice.lognormvariate(0, spread)) * MIB)

    def name(self, word: str) -> str:
        """One that was never there."""
        self._number += 1
        return f"{word} {self._number}"

    def film(self, shared_for: float | None = None) -> None:
        """A torrent is complete, and is shared for a while."""
        name = self.name("Film")
        files = {
            "film.mkv": self.world.dice.randbytes(self.size(3)),
            "film.srt": self.world.dice.randbytes(4000),
        }
        contents = [
            self.write("films", "hot", f"{name}/{file}", 0, body) for file, body in files.items()
        ]
        for content in contents:
            content.holds.add("shared")
        folder = self.world.folder / "hot/torrents"
        hash_ = self.world.apps.share(name, files, folder)
        seconds = self.world.dice.uniform(*_SHARED_FOR) if shared_for is None else shared_for
        self._shared.append((self.world.clock.now() + seconds, hash_, contents))

    def _end_shares(self) -> None:
        now = self.world.clock.now()
        for share in [share for share in self._shared if share[0] <= now]:
            self._shared.remove(share)
            self.world.apps.finish(share[1])
            for content in share[2]:
                content.holds.discard("shared")
            self._ended.append((now + DAY, share[1]))
        for ended in [each for each in self._ended if each[0] <= now]:
            self._ended.remove(ended)
            self.world.apps.forget(ended[1])

    def episode(self) -> None:
        """Sonarr takes an episode over."""
        name = f"Series {self.world.dice.randrange(5)}/{self.name('Episode')}.mkv"
        self.write("series", "hot", name, self.size(1))
        self.world.apps.imported(f"/tv/{name}", self.world.clock.now())

    def job(self) -> None:
        """SABnzbd ends a job."""
        name = self.name("Job")
        self.write("usenet", "hot", f"{name}/show.mkv", self.size(1))
        self.write("usenet", "hot", f"{name}/show.nfo", 1500)
        self.world.apps.job(name, self.world.clock.now())

    def photos(self) -> None:
        """A phone sends what was taken today."""
        folder = self.name("Day")
        for number in range(self.world.dice.randrange(1, 12)):
            self.write("photos", "inbox", f"{folder}/{number}.jpg", self.size(0.05, 0.3))

    def image(self) -> None:
        """Somebody fetches a large image by hand."""
        self.write("images", "hot", f"{self.name('system')}.iso", self.size(4))

    def unpack(self) -> None:
        """Somebody tries something, and forgets it."""
        folder = self.name("try")
        for number in range(self.world.dice.randrange(1, 5)):
            self.write("scratch", "hot", f"{folder}/{number}.bin", self.size(0.8))

    def note(self) -> None:
        """Somebody writes something down that nobody else has."""
        self.write("notes", "hot", f"{self.name('note')}.md", self.world.dice.randrange(50, 5000))

    def watch(self) -> None:
        """Somebody watches to the end; a transcoded copy lies in the cache afterwards."""
        content = self._some("films", "series", "usenet")
        if content is None:
            return
        path = self.world.oracle.path(content)
        os.utime(path, ns=(time.time_ns(), content.mtime_ns))
        content.used_at = self.world.clock.said()
        if content.tier == "cold":
            self._watched.append(f"/media/{path.relative_to(self.world.folder / 'cold')}")
            self.world.apps.watched(self._watched)
        self.write("transcodes", "hot", f"{self.name('part')}.ts", self.size(0.4))

    def delete(self) -> None:
        """Somebody does not want it any more."""
        content = self._some("films", "series", "usenet", "images")
        if content is None or content.holds:
            return
        for name in content.names:
            self.world.oracle.path(content, name).unlink()
        content.gone = "deleted"

    def rename(self) -> None:
        """Somebody gives it a better name."""
        content = self._some("images", "usenet", "photos")
        if content is None or len(content.names) > 1:
            return
        old = self.world.oracle.path(content)
        new = old.with_name(f"{self.name('Better')}{old.suffix}")
        old.rename(new)
        name = min(content.names)
        content.names = {f"{name.rpartition('/')[0]}/{new.name}".lstrip("/")}
        content.used_at = self.world.clock.said()

    def link(self) -> None:
        """Somebody gives it one more name in the same folder."""
        content = self._some("series", "images")
        if content is None:
            return
        old = self.world.oracle.path(content)
        new = old.with_name(f"{self.name('Also')}{old.suffix}")
        os.link(old, new)
        content.names.add(f"{min(content.names).rpartition('/')[0]}/{new.name}".lstrip("/"))
        content.used_at = self.world.clock.said()

    def rewrite(self) -> None:
        """Somebody edits it."""
        content = self._some("photos", "images")
        if content is None:
            return
        path = self.world.oracle.path(content)
        with path.open("r+b") as file:
            file.write(self.world.dice.randbytes(1000))
        self.world.oracle.rewrote(content, self.world.clock.said())

    def _film_a_porch(self) -> None:
        if self.world.dice.random() < 0.4:
            self.write("recordings", "hot", f"{self.name('clip')}.mp4", self.size(0.3))

    def _some(self, *lanes: str) -> Content | None:
        away = self.world.away
        there = [c for c in self.world.oracle.alive(*lanes) if c.tier not in away]
        return self.world.dice.choice(there) if there else None
