"""What befalls the lab: disks away, full or hung, apps that lie, kills, and power cuts."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.host.apps import Asked, Said
from tests.month.lanes import DAY, MIB, RESERVES
from tests.month.life import Life
from tests.month.oracle import Content
from tests.storage.disks import run

_WRONG: Final = -400 * DAY
_FULL: Final = 0.06
_HUNG: Final = 3.0


def _empty(asked: Asked) -> Said | None:
    """A list without anything in it, as of an app that was just started."""
    if asked.path.endswith(("torrents/info", "history/since")):
        return Said.json([])
    if asked.path.endswith("/queue"):
        return Said.json({"page": 1, "pageSize": 500, "totalRecords": 0, "records": []})
    return None


LIES: Final[dict[str, Callable[[Asked], Said | None]]] = {
    "empty": _empty,
    "forbidden": lambda _: Said(status=403),
    "broken": lambda _: Said(status=500),
    "a page": lambda _: Said(b"<html>"),
    "half": lambda _: Said(b"[{", head={"Content-Length": "100"}),
}


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
            self.brought_back, self.wrong_clock,
        ]  # fmt: skip

    def come(self, number: int) -> None:
        """One after the other."""
        plague = self.all[number % len(self.all)]
        self.came.append(plague.__name__)
        plague()

    def cut_at_work(self) -> None:
        """The power goes while labkeeper moves."""
        self._due()
        self.life.world.go(self.life.world.dice.uniform(0.1, 1.5))
        self._cut()

    def cut_at_rest(self) -> None:
        """The power goes in the moment at which labkeeper has said that it is done."""
        self._due()
        self.life.world.look()
        self._cut()

    def wrong_clock(self) -> None:
        """After a power cut the clock is a year behind, until it is set some hours later."""
        self._due()
        self.life.world.look()
        self._cut(_WRONG)
        self.life.turn()
        self.life.world.clock.go_wrong(0)

    def killed(self) -> None:
        """Labkeeper ends at once, and is started again."""
        self._due()
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
        world = self.life.world
        cold = world.disks.at("cold")
        look = os.statvfs(cold)
        with (cold / "somebody's").open("wb") as file:
            size = (look.f_bavail - int(look.f_blocks * _FULL)) * look.f_frsize
            os.posix_fallocate(file.fileno(), 0, max(MIB, size))
        before = os.statvfs(cold)
        world.away.add("cold")
        self.life.turn()
        after = os.statvfs(cold)
        if (before.f_bavail - after.f_bavail) * after.f_frsize > MIB:
            world.oracle.faults.append("moved onto a disk that was over its reserve")
        (cold / "somebody's").unlink()
        world.away.discard("cold")

    def hung(self) -> None:
        """A disk takes no write for an hour, and goes on."""
        self._due()
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
        self._due()
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
            world.oracle.rewrote(content, world.clock.now())

    def brought_back(self) -> None:
        """Somebody wants back what was cleaned."""
        world = self.life.world
        for content in [each for each in world.oracle.contents if each.aside and not each.gone][:2]:
            world.labkeeper("undo", str(content.aside))
        world.look()

    def _cut(self, wrong_clock: float = 0.0) -> None:
        world = self.life.world
        world.cut(source_is_written=world.cuts % 2 == 0, wrong_clock=wrong_clock)
        world.oracle.check(is_quiet=False, is_killed=True)
        world.look()
        world.oracle.check(is_quiet=True, is_killed=True)

    def _due(self) -> None:
        """Something that has to be moved, on the medium, and a moment at which it is."""
        for _ in range(3):
            self.life.episode()
            self.life.photos()
        self.life.job()
        self.life.world.sync()
        clock = self.life.world.clock
        clock.go_to(clock.now() // (DAY / 4) * (DAY / 4) + DAY / 4 + 5)


def over_reserve(life: Life) -> list[str]:
    """Tiers that are fuller than their reserve allows."""
    found = []
    for tier, share in RESERVES.items():
        look = os.statvfs(life.world.disks.at(tier))
        if look.f_bavail < look.f_blocks * share:
            found.append(tier)
    return found
