"""Runs a program to its end and measures it from outside."""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process."""

    seconds: float
    megabytes: float
    status: int
    output: str
    # Seconds that it computed, which a busy machine changes little.
    processor: float = 0.0

    @property
    def last_line(self) -> str:
        """What it said at its end."""
        lines = self.output.strip().splitlines()
        return lines[-1].strip() if lines else ""


def run(command: list[str]) -> Run:
    """Runs a command with both its outputs kept."""
    with tempfile.TemporaryFile() as output:
        streams = [(os.POSIX_SPAWN_DUP2, output.fileno(), stream) for stream in (1, 2)]
        start = time.perf_counter()
        process = os.posix_spawnp(command[0], command, os.environ, file_actions=streams)
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Run(seconds, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), text,
               usage.ru_utime + usage.ru_stime)  # fmt: skip


def labkeeper(*arguments: str) -> list[str]:
    """labkeeper's own command line, without the launcher: as the program that pip installs."""
    return [sys.executable, "-c", "from labkeeper.__main__ import main; main()", *arguments]


def median(runs: Sequence[Run]) -> Run:
    """The run in the middle."""
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]
