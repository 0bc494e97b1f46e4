"""States that a power cut can leave on disks which write in any order between two flushes."""

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.storage.disks import SIZES, Disks, run
from tests.storage.writelog import Entry, read

_SECTOR: Final = 4096  # written whole or not at all
# Of what was not flushed, this share got through: nothing and all are the commonest losses.
_SHARES: Final = (0.0, 0.0, 0.1, 0.5, 0.9, 1.0)
_TORN: Final = 0.1  # of the writes that got through, this share only in part


def replay(disks: Disks, moments: Sequence[int], dice: random.Random) -> Iterator[int]:
    """Make the disks as a cut at each moment may have left them; yield the cut's number.

    Moments are positions in the log, in order. The worst of the two disks is half of the cuts:
    the source has written every removal, the destination only what it was asked to.
    """
    log = read(disks.log)
    names = list(SIZES)
    bodies = os.open(disks.log.with_suffix(".bodies"), os.O_RDONLY)
    durable = [os.open(disks.images / f"{name}.base", os.O_RDWR) for name in names]
    pending: list[list[Entry]] = [[] for _ in names]
    try:
        at = 0
        for number, moment in enumerate(moments):
            for entry in log[at:moment]:
                if not entry.is_flush:
                    pending[entry.disk].append(entry)
                    continue
                for write in pending[entry.disk]:
                    os.pwrite(durable[entry.disk], _body(bodies, write), write.offset)
                pending[entry.disk].clear()
            at = moment
            for disk, share in enumerate(_shares(names, dice, is_worst=number % 2 == 0)):
                base, image = disks.images / f"{names[disk]}.base", disks.image(names[disk], number)
                run("cp", "--reflink=always", base, image)
                _let_through(image, pending[disk], bodies, (share, dice))
            yield number
    finally:  # whoever stops early must be able to unmount
        for file in (bodies, *durable):
            os.close(file)


def _shares(names: list[str], dice: random.Random, *, is_worst: bool) -> list[float]:
    worst = {"hot": 1.0, "cold": 0.0} if is_worst else {}
    return [worst.get(name, dice.choice(_SHARES)) for name in names]


def _let_through(
    image: Path, pending: list[Entry], bodies: int, chance: tuple[float, random.Random]
) -> None:
    share, dice = chance
    file = os.open(image, os.O_RDWR)
    try:
        for write in pending:
            if dice.random() >= share:
                continue
            body = _body(bodies, write)
            if share < 1.0 and dice.random() < _TORN:
                body = body[: dice.randrange(len(body) // _SECTOR + 1) * _SECTOR]
            os.pwrite(file, body, write.offset)
    finally:
        os.close(file)


def _body(bodies: int, write: Entry) -> bytes:
    return os.pread(bodies, write.length, write.at)
