"""Reading repositories again, so that all of the data has been read after a cycle."""

import time
from collections.abc import Sequence
from typing import Final

from labkeeper.backup.jobs import Jobs
from labkeeper.backup.program import Depth, Part, Program
from labkeeper.store.backups import Backups, Verification

# With a look a week, all within a quarter.
PARTS: Final = 13


def verify(jobs: Jobs, program: Program, record: Backups, depth: Depth) -> Verification:
    """Read a repository; what it does not answer is an error, never a sound repository."""
    name = jobs.repository.name
    began, clock = time.time(), time.monotonic()
    part = Part(_turn(record.verifications(name)) if depth == "sample" else 1, PARTS)
    look = program.look(depth, part)
    is_part = look.depth == "sample"
    done = Verification(
        name, began, time.monotonic() - clock, look.depth, part.number if is_part else 1,
        part.of if is_part else 1, "\n".join(look.damage),
    )  # fmt: skip
    record.add_verification(done)
    return done


def _turn(looks: Sequence[Verification]) -> int:
    """The part that was not read for the longest: one that could not be read has its turn again."""
    last = dict.fromkeys(range(1, PARTS + 1), 0)
    for number, look in enumerate(looks, 1):
        if look.depth == "all":
            last = dict.fromkeys(last, number)
        elif look.depth == "sample" and look.parts == PARTS:
            last[look.number] = number
    return min(last, key=lambda part: (last[part], part))
