"""Faults at the system calls themselves, by strace: in C, in SQLite and in every process."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labkeeper.cli import clean, move, undo
from labkeeper.store import state as states
from tests.storage.scenes import Scene
from tests.storage.world import World

_COMMANDS: Final = {"move": move.command, "clean": clean.command, "undo": undo.command}
_PATIENCE: Final = 60.0  # seconds for one command; without a fault it takes 0.1
_KILL: Final = {"KILL": "signal=SIGKILL"}
_READ: Final = _KILL | {"EIO": "error=EIO"}
_WRITE: Final = _READ | {name: f"error={name}" for name in ("ENOSPC", "EDQUOT", "EROFS")}
_NAME: Final = _WRITE | {"EXDEV": "error=EXDEV"}
# What is said may fail as well, and then nobody can be told in better words.
_TO_A_TERMINAL: Final = re.compile(r"write\([12], .*INJECTED")
# What each call can fail with. LIE: the kernel says that it was done, and it was not.
_FAULTS: Final = {
    "close": _KILL,  # most are of pipes, where nothing else can happen
    **dict.fromkeys(("fcntl", "fstatfs", "fadvise64", "lseek", "statx"), _READ),
    **dict.fromkeys(("read", "pread64", "preadv", "preadv2", "getdents64", "newfstatat"), _READ),
    **dict.fromkeys(("readlinkat", "flistxattr", "fgetxattr", "flock"), _READ),
    **dict.fromkeys(("openat", "openat2", "mkdir", "symlinkat"), _NAME),
    **dict.fromkeys(("linkat", "renameat2"), _NAME),
    **dict.fromkeys(("write", "pwrite64", "pwritev", "fallocate", "ftruncate"), _WRITE),
    **dict.fromkeys(("syncfs", "fsync", "fdatasync"), _WRITE | {"LIE": "retval=0"}),
    **dict.fromkeys(("mkdirat", "unlink", "unlinkat", "rmdir", "copy_file_range"), _WRITE),
    **dict.fromkeys(("utimensat", "fchmod", "fchown", "fchownat", "fsetxattr"), _WRITE),
    **dict.fromkeys(("io_setup", "io_submit", "io_getevents", "io_uring_enter"), _READ),
}


@dataclass(frozen=True)
class Syscall:
    """The `number`th call of a name, in each process, goes wrong in one way."""

    scene: Scene
    call: str
    number: int
    fault: str

    def run(self, world: World) -> list[str]:
        """Make the call fail, look, run again, look again; return what went wrong."""
        before = self.scene.make(world)
        inject = f"inject={self.call}:{_FAULTS[self.call][self.fault]}:when={self.number}"
        ended = _traced(self.scene, world, "-e", f"trace={self.call}", "-e", inject)
        wrong = _talk(ended) + self.scene.lost(world, before)
        self.scene.act(world)
        wrong += self.scene.unsettled(world, before)
        where = f"{self.scene.name}, {self.call} {self.number} {self.fault}"
        return [f"{where}: {what}" for what in wrong]


def syscalls_of(scene: Scene, world: World) -> list[Syscall]:
    """Every call of a command that touches a file, with everything that can go wrong there."""
    scene.make(world)
    ended = _traced(scene, world)
    if ended.status not in (0, 256):  # 256: exit status 1, the collision is left
        raise RuntimeError(f"strace could not watch: {ended}")
    seen: Counter[tuple[str, str]] = Counter(
        re.findall(r"^(\d+) +(\w+)\(", ended.log, re.MULTILINE)
    )
    longest: dict[str, int] = {}
    for (_, name), count in seen.items():
        longest[name] = max(count, longest.get(name, 0))
    return [
        Syscall(scene, name, number, fault)
        for name in sorted(longest)
        if name in _FAULTS
        # The first read is the one that waits for strace.
        for number in range(2 if name == "read" else 1, longest[name] + 1)
        for fault in _FAULTS[name]
    ]


@dataclass(frozen=True)
class Ended:
    """How a watched command ended."""

    status: int | None  # None: it hung
    said: str
    log: str


def _traced(scene: Scene, world: World, *options: str) -> Ended:
    """Run the command in a child that strace watches from just before it begins."""
    log, said = world.root.with_suffix(".strace"), world.root.with_suffix(".said")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(writer)
            _command(scene.words(world), reader, said)
        finally:  # whatever is made to fail here: this is no second test process
            os._exit(70)
    os.close(reader)
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", log, *options, "-p", str(child)],
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        if not _is_watched(child, tracer):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            why = tracer.communicate()[1].decode(errors="replace").strip()
            raise RuntimeError(f"strace cannot attach (ptrace not permitted here?): {why}")
        os.write(writer, b"x")
        status = _wait(child)
        tracer.communicate(timeout=_PATIENCE)
    finally:
        os.close(writer)
        tracer.kill()
        tracer.wait()
    return Ended(status, said.read_text(errors="replace"), log.read_text(errors="replace"))


def _command(words: tuple[str, ...], reader: int, said: Path) -> None:
    """Be labkeeper, with all modules loaded already."""
    out = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    os.read(reader, 1)
    # SQLite takes a failing lock for a busy one, and waits this long for it.
    vars(states)["_PATIENCE"] = 2.0
    try:
        _COMMANDS[words[0]](words[1:])
    except SystemExit as end:
        os._exit(int(end.code or 0))
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(71)


def _is_watched(child: int, tracer: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until and tracer.poll() is None:
        if "TracerPid:\t0\n" not in Path(f"/proc/{child}/status").read_text():
            return True
        time.sleep(0.001)
    return False


def _wait(child: int) -> int | None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _talk(ended: Ended) -> list[str]:
    """What a person would have seen: no hang and no traceback."""
    if ended.status is None:
        return ["it hung"]
    if "Traceback" in ended.said and not _TO_A_TERMINAL.search(ended.log):
        return ["a traceback: " + ended.said.strip().rpartition("\n")[2]]
    is_killed = os.WIFSIGNALED(ended.status)
    if not is_killed and os.WEXITSTATUS(ended.status) not in (0, 1, 2, 71):
        return [f"exit status {os.WEXITSTATUS(ended.status)}"]
    return []
