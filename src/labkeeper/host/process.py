"""Which process this is, who runs it, and whether one that was noted still runs."""

import os
import pwd
import shlex
import sys
from pathlib import Path
from typing import Final

from labkeeper.values import dataclass

_LONGEST: Final = 4000  # characters of a command line; whoever names a thousand files names more


@dataclass(frozen=True, slots=True)
class Process:
    """A number is given again, and after a boot all are: with its start and its boot it is one."""

    number: int
    started: int  # clock ticks after the boot (proc_pid_stat(5), field 22)
    boot: str

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return of(self.number) == self


def of(number: int) -> Process:
    """The process of a number; it has started at 0 where it is not there."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        # Its name may hold anything, brackets too.
        text = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2]
        return Process(number, int(text.split()[19]), boot)
    except (OSError, ValueError, IndexError):
        return Process(number, 0, "")


def this() -> Process:
    """The one that asks."""
    return of(os.getpid())


def user() -> str:
    """Whose it is, and who became that one."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = str(number)
    before = os.environ.get("SUDO_USER")
    return f"{name}, for {before}" if before and before != name else name


def command() -> str:
    """What was typed, or what a unit starts."""
    words = [word.encode("utf-8", "backslashreplace").decode() for word in sys.argv[1:]]
    return shlex.join(["labkeeper", *words])[:_LONGEST]
