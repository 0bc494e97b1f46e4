"""The machine of the month: its disks, its apps, its clock, and labkeeper, which keeps it."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Final

from labkeeper.keep.events import Cleaned, Event, Moved
from tests.month.apps import Apps, apps
from tests.month.clock import Clock, told_of
from tests.month.lanes import KEY, LANES, SIZES, TEXT
from tests.month.oracle import Oracle
from tests.month.process import Keeping
from tests.storage.disks import Disks, disks_of, mount, run, unmount, wait_for_loops

_ROOT: Final = Path(__file__).parents[2]
_KEYS: Final = {f"LABKEEPER_KEY_{name}": KEY for name in ("SONARR", "SABNZBD", "JELLYFIN")}


class World:
    """All of it."""

    def __init__(self, disks: Disks, clock: Clock, app: Apps, dice: Random, variant: str) -> None:
        self.disks = disks
        self.clock = clock
        self.apps = app
        self.dice = dice
        self.oracle = Oracle(disks.folder)
        self.events: list[Event] = []
        # Disks that nobody can write to now.
        self.away: set[str] = set()
        self.cuts = 0
        # Rules that would take so much that somebody has to say yes.
        self.asked_for: list[str] = []
        self._variant = variant
        self._keeping: Keeping | None = None

    @property
    def folder(self) -> Path:
        """Where the disks are mounted."""
        return self.disks.folder

    @property
    def state(self) -> Path:
        """Labkeeper's own."""
        return self.disks.at("system") / "state"

    @property
    def environment(self) -> Mapping[str, str]:
        """What every process of labkeeper has to know."""
        return {**self.clock.environment, **_KEYS}

    def boot(self) -> None:
        """Mount the disks, and start all that runs."""
        for name in SIZES:
            self.mount(name)
        for lane in LANES.values():
            (self.folder / next(iter(lane.homes.values()))).mkdir(parents=True, exist_ok=True)
        (self.folder / "cold/series").mkdir(exist_ok=True)
        self.apps.start()
        self.start()

    def mount(self, name: str) -> None:
        """A disk is there."""
        self.disks.at(name).mkdir(exist_ok=True)
        mount(self.disks.image(name), self.disks.at(name))
        self.away.discard(name)

    def unmount(self, name: str) -> None:
        """A disk is away, and an empty folder where it was."""
        run("umount", self.disks.at(name))
        self.away.add(name)

    def start(self) -> None:
        """Start labkeeper, and let it look for the first time."""
        lab = self.folder / "lab.yaml"
        self._keeping = Keeping(lab, self.state, self._variant, self.environment)
        self._hear()

    def look(self) -> None:
        """Let labkeeper look at all of it, and do what is to be done."""
        assert self._keeping is not None
        self._keeping.go()
        self._hear()

    def go(self, seconds: float) -> bool:
        """Let it look for so long; whether it came to rest."""
        assert self._keeping is not None
        self._keeping.go()
        return self.listen(seconds)

    def listen(self, seconds: float) -> bool:
        """Hear it for so long; whether it came to rest."""
        assert self._keeping is not None
        events, is_idle = self._keeping.heard(seconds)
        self.heed(events, is_whole=False)
        return is_idle

    def kill(self) -> None:
        """Labkeeper ends at whatever it does, and is started again."""
        assert self._keeping is not None
        self._keeping.kill()
        self.start()

    def halt(self) -> None:
        """Labkeeper ends in order."""
        assert self._keeping is not None
        self._keeping.end()
        self._keeping = None

    def cut(self, *, source_is_written: bool, wrong_clock: float = 0.0) -> None:
        """The power goes; then the machine boots with what the disks had been sent."""
        assert self._keeping is not None
        self._keeping.stand()
        self.disks.cut(self.cuts, source_is_written=source_is_written)
        self._keeping.kill()
        self._keeping = None
        self.apps.stop()
        for name in SIZES:
            unmount(self.disks.at(name))
        wait_for_loops(self.disks.images)
        for name in SIZES:
            self.disks.image(name, self.cuts).rename(self.disks.image(name))
        self.cuts += 1
        self.oracle.forget_digests()
        if wrong_clock:
            self.clock.go_wrong(wrong_clock)
        self.boot()

    def abandon(self) -> None:
        """Leave nothing behind, however it ended."""
        if self._keeping is not None:
            self._keeping.kill()
        self.apps.stop()
        for name in SIZES:
            if self.disks.at(name).is_mount():
                unmount(self.disks.at(name))

    def confirm(self) -> None:
        """Somebody reads what labkeeper does not do by itself, and says that it is meant."""
        lab = str(self.folder / "lab.yaml")
        for rule in self.asked_for:
            words = ("tier", "clean", "--rule", rule, "--yes", lab, "--host", "box")
            status, said, wrong = self.labkeeper(*words)
            assert status < 2, said + wrong  # room may still be missing
        self.asked_for.clear()
        self.oracle.read(self.state, self.clock.said(), None)

    def labkeeper(self, *words: str) -> tuple[int, str, str]:
        """The exit status of a command of labkeeper, what it says, and what it complains."""
        code = "from labkeeper.__main__ import main; main()"
        command = (sys.executable, "-c", code, *words, "--state", str(self.state))
        is_backup = words[0] == "backup"  # restic knows the real time alone
        return told_of(_ROOT, _KEYS if is_backup else self.environment, *command)

    def sync(self) -> None:
        """What somebody wrote is on the medium some seconds later."""
        for name in SIZES:
            run("sync", "-f", self.disks.at(name))

    def _hear(self) -> None:
        assert self._keeping is not None
        events, is_idle = self._keeping.heard()
        assert is_idle, "it does not come to rest"
        self.heed(events, is_whole=True)

    def heed(self, events: list[Event], *, is_whole: bool) -> None:
        """Follow what labkeeper said that it did."""
        now = self.clock.said()
        told: set[int] = set()
        for event in events:
            self.events.append(event)
            match event:
                case Moved(files=files, why=why):
                    for file in files:
                        self.oracle.moved(file.target, why, now)
                case Cleaned(aside=aside, purged=purged, refused=refused, rule=rule):
                    told |= {item.id for item in (*aside, *purged)}
                    if refused and refused.code == "too-many":
                        self.asked_for.append(rule)
                case _:
                    pass
        self.oracle.read(self.state, now, told if is_whole else None)


@contextmanager
def world(clock: Clock, kind: str, seed: int, variant: str = "labkeeper") -> Iterator[World]:
    """Have a world that is up."""
    with ExitStack() as ending:
        kinds = {"cold": "xfs" if kind == "ext4" else kind, "system": "ext4"}
        disks = ending.enter_context(disks_of(kind, SIZES, kinds))
        app, ports = ending.enter_context(apps(disks.folder / "client"))
        (disks.folder / "restic").write_text("correct horse\n")
        (disks.folder / "lab.yaml").write_text(TEXT.format(folder=disks.folder, **ports))
        disks.fresh()
        made = World(disks, clock, app, Random(seed), variant)
        ending.callback(made.abandon)
        made.boot()
        yield made
