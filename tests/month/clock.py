"""A clock that the test drives, for processes of their own: their time, and that of their files.

Time goes on by itself, as it does; what the test adds are jumps ahead, while nobody is at work.
"""

import mmap
import os
import struct
import subprocess
import time
from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.programs import program

_SECOND: Final = 10**9
_STEP: Final = struct.Struct("=qqq")
_COUNT: Final = struct.Struct("=q")
_MOST: Final = 200_000
_TRIES: Final = 10_000
# What the kernel gives files: CLOCK_REALTIME_COARSE of linux/time.h.
_OF_FILES: Final = 5


class Clock:
    """The time that others are told."""

    def __init__(self, folder: Path, begin: datetime) -> None:
        self._library = folder / "clock.so"
        self._table = folder / "clock.table"
        source = Path(__file__).with_name("clock.c")
        words = ("-shared", "-fPIC", "-O2", "-Wall", "-o", str(self._library), str(source))
        subprocess.run([program("cc"), *words], check=True, stdin=subprocess.DEVNULL)
        with self._table.open("w+b") as file:
            file.truncate(_COUNT.size + _MOST * _STEP.size)
            self._map = mmap.mmap(file.fileno(), 0)
        self._since: list[int] = []
        self._ahead: list[int] = []
        self._mono = 0
        # What the clock should say; it says something else after a boot with an empty battery.
        self._wrong = 0
        self._step(int(begin.timestamp() * _SECOND) - time.time_ns(), 0)

    @property
    def environment(self) -> Mapping[str, str]:
        """What makes a process believe it."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_TABLE": str(self._table)}

    def now(self) -> float:
        """The time that it is."""
        return (time.time_ns() + self._ahead[-1] - self._wrong) / _SECOND

    def said(self) -> float:
        """The time that is told."""
        return (time.time_ns() + self._ahead[-1]) / _SECOND

    def day(self) -> datetime:
        """The same by the calendar."""
        return datetime.fromtimestamp(self.now(), UTC)

    def go_to(self, when: float) -> None:
        """Jump; a moment that has passed already is waited for by nobody."""
        ahead = int((when - self.now()) * _SECOND)
        if ahead > 0:
            self._step(ahead, ahead)

    def go_wrong(self, seconds: float) -> None:
        """Tell a time that is so much too late, or too early; 0 is right again."""
        wrong = int(seconds * _SECOND)
        change, self._wrong = wrong - self._wrong, wrong
        self._step(change, 0)

    def told(self, real_ns: int) -> int:
        """What a real time is told as: that of a file, seen from here."""
        at = bisect_right(self._since, real_ns)
        return real_ns + (self._ahead[at - 1] if at else 0)

    def _step(self, ahead: int, mono: int) -> None:
        """A kernel that counts in ticks gives files times of before the jump until the next one."""
        since = time.time_ns()
        self._mono += mono
        self._since.append(since)
        self._ahead.append((self._ahead[-1] if self._ahead else 0) + ahead)
        count = len(self._since)
        at = _COUNT.size + (count - 1) * _STEP.size
        _STEP.pack_into(self._map, at, since, self._ahead[-1], self._mono)
        _COUNT.pack_into(self._map, 0, count)
        for _ in range(_TRIES):
            if time.clock_gettime_ns(_OF_FILES) >= since:
                return
            time.sleep(0.001)
        raise AssertionError("the kernel's clock stands still")


def told_of(folder: Path, more: Mapping[str, str], *command: str) -> tuple[int, str, str]:
    """The exit status of a command, what it says, and what it complains."""
    environment = {**os.environ, **more}
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, text=True, capture_output=True
    )
    return done.returncode, done.stdout, done.stderr
