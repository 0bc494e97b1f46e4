"""What befalls the lab: disks away, full or hung, apps that lie, kills, and power cuts."""

import json
import mmap
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.backup.places import flip
from tests.month.lanes import DAY, MIB
from tests.month.lies import LIES
from tests.month.life import Life
from tests.month.oracle import Content
from tests.storage.disks import run

_WRONG: Final = -400 * DAY
_FULL: Final = 0.06
_HUNG: Final = 3.0


@dataclass
class Plagues:
    """Comes over a life; each is one method, which begins and ends with all as it should be."""

    life: Life
    came: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[Callable[[], None]]:
        """Every one of them."""
        return [
            self.cut_at_work, self.disk_away, self.killed, self.lies, self.cut_at_rest,
            self.read_only, self.written_while_it_moves, self.full_by_others, self.hung,
            self.brought_back, self.wrong_clock, self.flipped_bit, self.backed_up,
        ]  # fmt: skip

    def come(self, number: int) -> None:
        """One after the other."""
        plague = self.all[number % len(self.all)]
        self.came.append(plague.__name__)
        plague()

    def cut_at_work(self) -> None:
        """The power goes while labkeeper moves."""
        self.due()
        self.life.world.go(self.life.world.dice.uniform(0.1, 1.5))
        self._cut()

    def cut_at_rest(self) -> None:
        """The power goes in the moment at which labkeeper has said that it is done."""
        self.due()
        self.life.world.look()
        self._cut()

    def wrong_clock(self) -> None:
        """After a power cut the clock is a year behind, until it is set some hours later."""
        self.due()
        self.life.world.look()
        self._cut(_WRONG)
        self.life.turn()
        self.life.world.clock.go_wrong(0)

    def killed(self) -> None:
        """Labkeeper ends at once, and is started again."""
        self.due()
        world = self.life.world
        world.go(world.dice.uniform(0.1, 1.5))
        world.kill()
        world.oracle.check(is_quiet=True, is_killed=True)

    def disk_away(self) -> None:
        """A disk is not mounted for a while; below it, nothing may appear."""
        world = self.life.world
        world.unmount("cold")
        self.life.turn()
        below = list(world.disks.at("cold").iterdir())
        world.oracle.faults += [f"written below an empty mount point: {path}" for path in below]
        world.mount("cold")

    def read_only(self) -> None:
        """A disk that had an error cannot be written to."""
        world = self.life.world
        world.sync()
        run("mount", "-o", "remount,ro", world.disks.at("cold"))
        world.away.add("cold")
        self.life.turn()
        run("mount", "-o", "remount,rw", world.disks.at("cold"))
        world.away.discard("cold")

    def full_by_others(self) -> None:
        """Somebody fills the cold disk into its reserve: labkeeper takes nothing of the rest."""
        with self.filled("cold", _FULL) as before:
            self.life.turn()
            after = os.statvfs(self.life.world.disks.at("cold"))
            if (before.f_bavail - after.f_bavail) * after.f_frsize > MIB:
                self.life.world.oracle.faults.append("moved onto a disk that was over its reserve")

    @contextmanager
    def filled(self, name: str, free: float) -> Iterator[os.statvfs_result]:
        """A disk of which somebody leaves so much; nobody else can write to it."""
        world = self.life.world
        look = os.statvfs(world.disks.at(name))
        size = (look.f_bavail - int(look.f_blocks * free)) * look.f_frsize
        file = world.disks.at(name) / "somebody's"
        with file.open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, max(MIB, size))
        world.away.add(name)
        try:
            yield os.statvfs(world.disks.at(name))
        finally:
            file.unlink()
            world.away.discard(name)

    def hung(self) -> None:
        """A disk takes no write for an hour, and goes on."""
        self.due()
        world = self.life.world
        run("fsfreeze", "-f", world.disks.at("cold"))
        try:
            is_idle = world.go(_HUNG)
            world.clock.go_to(world.clock.now() + 3600)
        finally:
            run("fsfreeze", "-u", world.disks.at("cold"))
        if not is_idle:
            assert world.listen(120), "it does not go on after the disk does"
        world.look()
        world.oracle.check(is_quiet=True)

    def lies(self) -> None:
        """One after the other, the apps say what is not so."""
        world = self.life.world
        for name in ("qbittorrent", "sonarr", "sabnzbd"):
            with self.lying(name, world.dice.choice(sorted(LIES))):
                self.life.turn()
        with self.lying("qbittorrent", "empty"):
            self.life.turn()

    @contextmanager
    def lying(self, name: str, lie: str) -> Iterator[None]:
        """An app that lies."""
        self.life.world.apps.lie(name, LIES[lie])
        try:
            yield
        finally:
            self.life.world.apps.lie(name, None)

    def written_while_it_moves(self) -> None:
        """Somebody writes into files that are due; they stay, or go as they are in the end."""
        self.due()
        world = self.life.world
        chosen: list[Content] = [
            each for each in world.oracle.alive("photos", "series") if each.tier != "cold"
        ][:3]
        files = [world.oracle.path(each).open("r+b") for each in chosen]
        for content in chosen:
            content.holds.add("open")
        world.go(0.2)
        for file in files:
            file.write(world.dice.randbytes(5000))
            file.flush()
        assert world.listen(120)
        for content, file in zip(chosen, files, strict=True):
            file.close()
            content.holds.discard("open")
            world.oracle.rewrote(content, world.clock.said())

    def brought_back(self) -> None:
        """Somebody wants back what was cleaned."""
        world = self.life.world
        for content in [each for each in world.oracle.contents if each.aside and not each.gone][:2]:
            status, said, wrong = world.labkeeper("undo", str(content.aside))
            assert status == 0, said + wrong
        world.look()

    def flipped_bit(self) -> None:
        """A disk gives back other bytes than were written: that is said, of this file alone."""
        world = self.life.world
        self.due()
        world.look()
        there = [each for each in world.oracle.alive("series") if each.tier == "cold"]
        content = next(each for each in there if len(each.names) == 1)
        path = world.oracle.path(content)
        piece = path.read_bytes()[:4096]
        world.sync()
        world.halt()
        world.unmount("cold")
        _flip(world.disks.image("cold"), piece)
        world.mount("cold")
        world.start()
        status, said, wrong = world.labkeeper("verify", str(world.disks.at("cold")))
        named = [
            line for line in (said + wrong).splitlines() if "rotten" in line or "unreadable" in line
        ]
        if status != 1 or len(named) != 1 or path.name not in named[0]:
            world.oracle.faults.append(
                f"a flipped bit of {content.shown} is told as: {said}{wrong}"
            )
        for name in content.names:
            world.oracle.path(content, name).unlink()
        content.gone = "deleted"

    def backed_up(self) -> None:
        """A drill says that a backup is good when it is, and that it is not when a byte flipped."""
        world = self.life.world
        self.life.note()
        notes = len(world.oracle.alive("notes"))
        drill_words = ("drill", "--service", "notes", "--scratch", str(world.folder))
        status, said, wrong = self._backup("run", "--service", "notes")
        assert status == 0, said + wrong
        _, said, wrong = self._backup(*drill_words)
        assert "drills" in said, said + wrong
        drill = json.loads(said)["drills"][0]
        if (drill["files"], drill["by_digest"], drill["wrong"]) != (notes, notes, []):
            world.oracle.faults.append(f"a drill of {notes} notes says {drill}")
        vault = world.folder / "vault"
        shutil.copytree(vault, vault.with_name("whole"))
        flip(vault)
        looks = [self._backup("verify", "--all-data")[0], self._backup(*drill_words)[0]]
        if 0 in looks:
            world.oracle.faults.append(f"a flipped byte of a backup is not told: {looks}")
        shutil.rmtree(vault)
        vault.with_name("whole").rename(vault)
        if (again := self._backup("verify", "--all-data"))[0] != 0:
            world.oracle.faults.append(f"a backup that is whole again is not told: {again[1:]}")

    def _backup(self, *words: str) -> tuple[int, str, str]:
        lab = str(self.life.world.folder / "lab.yaml")
        return self.life.world.labkeeper("backup", *words, lab, "--json")

    def _cut(self, wrong_clock: float = 0.0) -> None:
        world = self.life.world
        world.cut(source_is_written=world.cuts % 2 == 0, wrong_clock=wrong_clock)
        world.oracle.check(is_quiet=False, is_killed=True)
        world.look()
        world.oracle.check(is_quiet=True, is_killed=True)

    def due(self) -> None:
        """Something that has to be moved, on the medium, and a moment at which it is."""
        for _ in range(3):
            self.life.episode()
            self.life.photos()
        self.life.job()
        self.life.world.sync()
        clock = self.life.world.clock
        clock.go_to(clock.now() // (DAY / 4) * (DAY / 4) + DAY / 4 + 5)


def _flip(image: Path, piece: bytes) -> None:
    """Change one bit of a file where it lies on its disk."""
    with image.open("r+b") as file, mmap.mmap(file.fileno(), 0) as body:
        at = body.find(piece)
        assert at >= 0, "it is not on its disk"
        body[at + 100] ^= 1
        body.flush()
