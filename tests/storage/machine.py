"""Anything in any order: moves, cleanings, undos and purges, crashes, lost mounts, odd clients.

Every body of bytes that was ever written is looked for after every step.
"""

import os
import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from labkeeper.host import mounts
from labkeeper.host.mounts import Mount, Promise
from labkeeper.storage import manifest
from labkeeper.storage.candidates import Rule, Take
from labkeeper.storage.claims import Policy
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.scan import QUARANTINE
from labkeeper.storage.seeding import Seeding
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Held, Quarantine
from tests.storage.cells import prepared
from tests.storage.cleaner import clean_here, undo_here
from tests.storage.clients import FakeClient
from tests.storage.faults import Faults
from tests.storage.solo import move_here
from tests.storage.world import OLD

_NAMES: Final = st.sampled_from(["a", "b", "sub/c", "sub/d", "show/e"])
_SIDES: Final = st.sampled_from(["hot", "cold"])
_SIZES: Final = st.sampled_from([1, 5000, 1 << 20])
_MOODS: Final = st.sampled_from(["honest", "honest", "empty", "403", "moving", "stale"])
# When a step is broken off, and how; without either it goes through.
_FAULT: Final = st.one_of(
    st.none(),
    st.tuples(st.integers(1, 130), st.sampled_from(["KILL", "KILL", "EIO", "ENOSPC", "EROFS"])),
)
_Fault = tuple[int, str] | None
_ALL: Final = Rule(timedelta(0), takes=frozenset({Take.FILES, Take.EMPTY_FOLDERS}))


class Anything(RuleBasedStateMachine):
    """Two disks, one state, one torrent client."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="labkeeper-machine-", dir="/dev/shm"))
        self.state = self.root / "state"
        for side in ("hot", "cold"):
            (self.root / side).mkdir()
        self.number = 0
        self.names: dict[bytes, set[str]] = {}
        self.doubled: set[bytes] = set()  # whole twice since a crash, which one more run ends
        self.mounted = {"hot", "cold"}
        self.client = FakeClient()
        self.mocks = (
            prepared(),
            mock.patch.object(mounts, "promised", self._promised),
            mock.patch.object(mounts, "mounted", self._mounted),
        )
        for each in self.mocks:
            each.start()

    def teardown(self) -> None:
        if hasattr(self, "mocks"):
            for each in self.mocks:
                each.stop()
            shutil.rmtree(self.root)

    @rule(side=_SIDES, names=st.sets(_NAMES, min_size=1, max_size=3), size=_SIZES)
    def write(self, side: str, names: set[str], size: int) -> None:
        """Somebody writes files that are like no other."""
        for name in names:
            self._write(side, name, size)

    @rule(side=_SIDES, old=_NAMES, new=_NAMES)
    def link(self, side: str, old: str, new: str) -> None:
        """Somebody gives a file another name."""
        source, target = self.disk(side) / old, self.disk(side) / new
        target.parent.mkdir(exist_ok=True)
        with suppress(FileExistsError, FileNotFoundError):
            os.link(source, target)
            self.names[target.read_bytes()].add(new)

    @rule(side=_SIDES, name=_NAMES)
    def remove(self, side: str, name: str) -> None:
        """Somebody removes a file under one name; what is whole elsewhere has to stay there."""
        file = self.disk(side) / name
        if not file.is_file():
            return
        body = file.read_bytes()
        file.unlink()
        if body in self.names and not self.places().get(body):
            del self.names[body]

    @rule(size=_SIZES)
    def download(self, size: int) -> None:
        """A torrent client got two files and shares them."""
        name = f"show{len(self.client.torrents_)}"
        for file in ("one", "two"):
            self._write("hot", f"{name}/{file}", size)
        self.client.before = list(self.client.torrents_.values())
        self.client.share(self.disk("hot"), name)
        torrent = replace(self.client.torrents_[name], save_path=str(self.root / "hot"))
        self.client.torrents_[name] = torrent

    @precondition(lambda self: self.mounted == {"hot", "cold"})
    @rule(side=_SIDES)
    def lose(self, side: str) -> None:
        """A disk goes away: what is seen then is the empty folder that it was mounted on."""
        (self.root / side).rename(self.root / f"{side}.away")
        (self.root / side).mkdir()
        self.mounted.remove(side)

    @precondition(lambda self: self.mounted != {"hot", "cold"})
    @rule()
    def come_back(self) -> None:
        """The disk is there again; nothing was written to the folder below it."""
        for side in {"hot", "cold"} - self.mounted:
            (self.root / side).rmdir()
            (self.root / f"{side}.away").rename(self.root / side)
            self.mounted.add(side)

    @rule(fault=_FAULT, mood=_MOODS)
    def move(self, fault: _Fault, mood: str) -> None:
        """Everything goes from hot to cold, but for what a client shares, however it answers."""
        shared = [t for t in self.client.torrents_ if self.client.is_whole(t)]
        self.client.mood = mood
        seeding = Seeding(Policy.WAIT, "http://it", self.client) if shared else None
        self._do(fault, lambda: self._move(seeding))
        if mood != "stale":  # a stale answer is an answer: it did not know of it yet
            assert all(self.client.is_whole(torrent) for torrent in shared), "no longer shared"

    @rule(fault=_FAULT, side=_SIDES, hours=st.sampled_from([0, 24]))
    def clean(self, fault: _Fault, side: str, hours: int) -> None:
        """Everything goes aside."""
        hold = timedelta(hours=hours)
        self._do(fault, lambda: clean_here(self.state, self.root / side, rule=_ALL, hold=hold))

    @rule(fault=_FAULT)
    def undo(self, fault: _Fault) -> None:
        """Everything comes back."""
        self._do(fault, lambda: undo_here(self.state))

    @rule(fault=_FAULT, side=_SIDES)
    def purge(self, fault: _Fault, side: str) -> None:
        """What was held long enough goes for good, and nothing else."""
        over = {body for body, held in self._aside(side) if held <= 0}
        never = Rule(timedelta(days=9000))
        self._do(
            fault,
            lambda: clean_here(self.state, self.root / side, rule=never, purges_all=True),
        )
        whole = self.places()
        for body in over - whole.keys():
            del self.names[body]

    def _write(self, side: str, name: str, size: int) -> None:
        self.number += 1
        body = b"%d:" % self.number + random.Random(self.number).randbytes(size)
        file = self.disk(side) / name
        file.parent.mkdir(exist_ok=True)
        with suppress(FileExistsError), file.open("xb") as out:
            out.write(body)
            self.names[body] = {name}
            os.utime(file, ns=(OLD, OLD))

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every body is whole in one place: under a name that it had, or aside and written down."""
        if not hasattr(self, "names"):
            return
        places = self.places()
        for body, names in self.names.items():
            there = places.get(body, {})
            label = body[:8]
            assert there, f"lost: {label!r}, once {names}"
            assert len(there) == 1 or body in self.doubled, f"twice: {label!r} {there}"
            for seen in there.values():
                assert seen <= names, f"{label!r} is called {seen}, and was {names}"

    @invariant()
    def nothing_is_written_below_a_lost_disk(self) -> None:
        for side in {"hot", "cold"} - getattr(self, "mounted", {"hot", "cold"}):
            assert not list((self.root / side).iterdir())

    def disk(self, side: str) -> Path:
        """Return where a disk's files are, mounted or not."""
        return self.root / (side if side in self.mounted else f"{side}.away")

    def places(self) -> dict[bytes, dict[tuple[str, int], set[str]]]:
        """Return every body with the inodes that hold it, and their names."""
        found: dict[bytes, dict[tuple[str, int], set[str]]] = {}
        for side in ("hot", "cold"):
            for file in self.disk(side).rglob("*"):
                name = str(file.relative_to(self.disk(side)))
                if not file.is_file() or (".labkeeper-" in name and "retired" not in name):
                    continue
                names = found.setdefault(file.read_bytes(), {})
                visible = set() if ".labkeeper-" in name else {name}
                names.setdefault((side, file.stat().st_ino), set()).update(visible)
            for body, _ in self._aside(side):
                inode = self._inodes[side, body]
                found.setdefault(body, {}).setdefault((side, inode), set())
        return found

    def _aside(self, side: str) -> list[tuple[bytes, float]]:
        """Return the bodies in quarantine that the manifest knows; and how long they are held."""
        self._inodes: dict[tuple[str, bytes], int] = getattr(self, "_inodes", {})
        folder = self.disk(side) / QUARANTINE.decode()
        if not folder.exists():
            return []
        with Tree(os.fsencode(self.disk(side))) as tree:
            known = {(tag, item.id): item for tag, item in manifest.read(tree)}
        record = Quarantine.open(self.state)
        now = {item.id: item for item in record.items(Held.INTENT, Held.HELD, Held.PURGING)}
        tag = record.tag
        record.close()
        found = []
        for file in folder.iterdir():
            number = file.name.partition("-")[2].partition(".")[0]
            if file.is_file() and number.isdigit() and (tag, int(number)) in known:
                assert int(number) in now, f"{file.name} is in the manifest only"
                body = file.read_bytes()
                self._inodes[side, body] = file.stat().st_ino
                item = known[tag, int(number)]
                found.append((body, item.held_until - item.at))
        return found

    def _move(self, seeding: Seeding | None) -> object:
        hot, cold = self.root / "hot", self.root / "cold"
        return move_here(self.state, f"{hot}/", cold, is_patient=False, seeding=seeding)

    def _do(self, fault: _Fault, act: Callable[[], object]) -> None:
        """Act, in a process of its own where it is broken off."""
        if fault is None:
            with suppress(Refusal):
                act()
            self.doubled &= {b for b, there in self.places().items() if len(there) > 1}
            return
        child = os.fork()
        if child == 0:
            Faults(*fault).install()
            with suppress(BaseException):
                act()
            os._exit(0)
        os.waitpid(child, 0)
        self.doubled |= {b for b, there in self.places().items() if len(there) > 1}

    def _promised(self) -> list[Promise]:
        return [Promise(str(self.root / side), "UUID=x", "fstab") for side in ("hot", "cold")]

    def _mounted(self) -> tuple[Mount, ...]:
        return tuple(Mount(str(self.root / side), "tmpfs", "tmpfs") for side in self.mounted)
