"""A world to move, and faults in front of each call that changes a disk."""

import errno
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkeeper.host import files, statx
from labkeeper.storage.pipeline import COPY, Step
from labkeeper.store.folders import Folders
from labkeeper.store.journal import Journal
from tests.storage.solo import move_here

LARGE = 1024 * 1024 + 4097
_OF_OS = (
    "open", "write", "pwrite", "preadv", "fsync", "link", "unlink", "mkdir", "rmdir", "rename",
    "ftruncate", "fchown", "fchmod", "utime", "setxattr", "symlink", "chown", "fstat", "listxattr",
)  # fmt: skip
_OF_FILES = ("open_beneath", "rename_new", "name_open_file", "sync_filesystem", "allocate")
_OF_JOURNAL = ("plan", "enter", "record", "block", "forget")
_OF_FOLDERS = ("note", "finish", "forget")
_WRITES = ("write", "pwrite")


@dataclass(frozen=True)
class World:
    """Two folders and the journal, all below one root."""

    root: Path

    @property
    def hot(self) -> Path:
        return self.root / "hot"

    @property
    def cold(self) -> Path:
        return self.root / "cold"

    @property
    def state(self) -> Path:
        return self.root / "state"

    def make(self) -> None:
        """Fill the source with one of everything, and two collisions."""
        shutil.rmtree(self.root, ignore_errors=True)
        (self.hot / "sub" / "empty").mkdir(parents=True)
        self.cold.mkdir()
        (self.hot / "small").write_bytes(b"small" * 100)
        (self.hot / "sub" / "large").write_bytes(b"0123456789abcdef" * (LARGE // 16))
        (self.hot / "linked").write_bytes(b"l" * 5000)
        os.link(self.hot / "linked", self.hot / "sub" / "linked")
        (self.hot / "symlink").symlink_to("small")
        os.setxattr(self.hot / "small", "user.kept", b"x")
        for name, theirs in (("same", b"same"), ("different", b"theirs")):
            (self.hot / name).write_bytes(b"same" if name == "same" else b"mine!!")
            (self.cold / name).write_bytes(theirs)
        old = 1_600_000_000 * 10**9
        for file in self.hot.rglob("*"):
            os.utime(file, ns=(old, old), follow_symlinks=False)

    def move(self, steps: tuple[Step, ...] = COPY) -> None:
        """Move the world within this process, always by copying."""
        move_here(self.state, f"{self.hot}/", self.cold, steps=steps, is_patient=False)


def content(folder: Path) -> dict[str, bytes]:
    """Read every name below a folder, set-aside and temporary ones as well."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_symlink():
            found[name] = b"-> " + os.fsencode(os.readlink(file))
        elif file.is_file():
            found[name] = file.read_bytes()
    return found


def lost_or_torn(before: dict[str, bytes], world: World) -> list[str]:
    """Name what is nowhere whole, or wrong under its final name, in the middle of a move."""
    hot, cold = content(world.hot), content(world.cold)
    aside = [body for name, body in hot.items() if ".labkeeper-" in name]
    faults = []
    for name, body in before.items():
        if name == "different":
            whole = hot.get(name) == body and cold.get(name) == b"theirs"
        else:
            whole = body in (hot.get(name), cold.get(name)) or body in aside
            if name in cold and cold[name] != body:
                faults.append(f"torn: {name}")
        if not whole:
            faults.append(f"lost: {name}")
    return faults


def not_converged(before: dict[str, bytes], world: World) -> list[str]:
    """Name what differs from a move that went through at once."""
    cold = content(world.cold)
    faults = [
        f"not there: {name}"
        for name, body in before.items()
        if name != "different" and cold.get(name) != body
    ]
    faults += [f"debris: {p}" for p in world.root.rglob(".labkeeper-*")]
    left = {p.name for p in world.hot.rglob("*")}
    if left != {"different"}:
        faults.append(f"left at the source: {left}")
    if (world.cold / "different").read_bytes() != b"theirs":
        faults.append("replaced: different")
    if not faults and (world.cold / "linked").stat().st_nlink != 2:
        faults.append("hard link broken")
    if not faults and (world.cold / "sub").stat().st_mtime_ns != 1_600_000_000 * 10**9:
        faults.append("folder's time not kept")
    return faults


class Faults:
    """Counts calls, and makes the chosen one fail."""

    def __init__(self, at: int, fault: str) -> None:
        self.count = 0
        self.hit = ""
        self._at = at
        self._fault = fault

    def install(self) -> None:
        """Stand in front of every call that looks at or changes a disk or the journal."""
        for owner, names in (
            (os, _OF_OS), (files, _OF_FILES), (statx, ("look",)),
            (Journal, _OF_JOURNAL), (Folders, _OF_FOLDERS),
        ):  # fmt: skip
            for name in names:
                setattr(owner, name, self._before(name, getattr(owner, name)))

    def _before(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self.count += 1
            if self.count != self._at:
                return real(*given, **named)
            self.hit = name
            return self._fail(name, real, given, named)

        return call

    def _fail(self, name: str, real: Callable[..., Any], given: Any, named: Any) -> Any:
        if self._fault == "KILL":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._fault in ("SHORT", "LIE"):
            if name not in _WRITES:
                return real(*given, **named)
            body = memoryview(given[1])
            if self._fault == "LIE":  # the disk says that it wrote, and did not
                real(given[0], bytes(len(body)), *given[2:])
                return len(body)
            return real(given[0], body[: max(1, len(body) // 2)], *given[2:])
        if name in (*_OF_JOURNAL, *_OF_FOLDERS):  # the journal's own disk fails: as good as a crash
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, self._fault)
        raise OSError(code, os.strerror(code))


def calls_of_a_move(world: World) -> int:
    """Count the calls that a whole move makes."""
    world.make()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        faults = Faults(0, "")
        faults.install()
        with suppress(BaseException):
            world.move()
        os.write(writer, b"%d" % faults.count)
        os._exit(0)
    os.close(writer)
    number = int(os.read(reader, 20))
    os.close(reader)
    os.waitpid(child, 0)
    return number


def break_off(world: World, at: int, fault: str, steps: tuple[Step, ...] = COPY) -> None:
    """Make one call of a move fail, in a process of its own."""
    child = os.fork()
    if child == 0:
        Faults(at, fault).install()
        try:
            world.move(steps)
        except BaseException:
            os._exit(1)
        os._exit(0)
    os.waitpid(child, 0)


def cell(world: World, at: int, fault: str, steps: tuple[Step, ...] = COPY) -> list[str]:
    """Make one call of a move fail, look, run again, look again; return what went wrong."""
    world.make()
    before = content(world.hot)
    break_off(world, at, fault, steps)
    faults = lost_or_torn(before, world)
    world.move(steps)
    return [f"call {at} {fault}: {what}" for what in faults + not_converged(before, world)]
