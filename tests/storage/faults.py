"""Faults in front of each call from Python that looks at or changes a disk or the record."""

import errno
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from labkeeper.host import files, statx
from labkeeper.store.folders import Folders
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine
from tests.storage.scenes import Scene
from tests.storage.world import World

_OF_OS = (
    "open", "write", "pwrite", "preadv", "fsync", "link", "unlink", "mkdir", "rmdir", "rename",
    "ftruncate", "fchown", "fchmod", "utime", "setxattr", "symlink", "chown", "fstat", "listxattr",
)  # fmt: skip
_OF_FILES = ("open_beneath", "rename_new", "name_open_file", "sync_filesystem", "allocate")
_OF_JOURNAL = ("plan", "enter", "record", "block", "forget")
_OF_FOLDERS = ("note", "finish", "forget")
_OF_QUARANTINE = ("begin", "intend", "enter", "forget")
_WRITES = ("write", "pwrite")


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
            (Journal, _OF_JOURNAL), (Folders, _OF_FOLDERS), (Quarantine, _OF_QUARANTINE),
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
        if name in (
            *_OF_JOURNAL,
            *_OF_FOLDERS,
            *_OF_QUARANTINE,
        ):  # the journal's own disk fails: as good as a crash
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, self._fault)
        raise OSError(code, os.strerror(code))


def calls_of(scene: Scene, world: World) -> int:
    """Count the calls that the scene makes when nothing goes wrong."""
    scene.make(world)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        faults = Faults(0, "")
        faults.install()
        with suppress(BaseException):
            scene.act(world)
        os.write(writer, b"%d" % faults.count)
        os._exit(0)
    os.close(writer)
    number = int(os.read(reader, 20))
    os.close(reader)
    os.waitpid(child, 0)
    return number


def break_off(scene: Scene, world: World, at: int, fault: str) -> None:
    """Make one call fail, in a process of its own."""
    child = os.fork()
    if child == 0:
        Faults(at, fault).install()
        try:
            scene.act(world)
        except BaseException:
            os._exit(1)
        os._exit(0)
    os.waitpid(child, 0)


def cell(scene: Scene, world: World, at: int, fault: str) -> list[str]:
    """Make one call fail, look, run again, look again; return what went wrong."""
    before = scene.make(world)
    break_off(scene, world, at, fault)
    wrong = scene.lost(world, before)
    scene.act(world)
    wrong += scene.unsettled(world, before)
    return [f"{scene.name}, call {at} {fault}: {what}" for what in wrong]
