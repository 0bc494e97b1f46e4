"""Some files of a backup, and what they held when it was made: what a restore is compared with."""

import os
import random
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from labkeeper.storage.digest import digest_of
from labkeeper.values import dataclass

_FILES: Final = 64
_BYTES: Final = 128 << 20  # read while the service may stand still: a second or two of a disk


@dataclass(frozen=True, slots=True)
class Sampled:
    """A file as it was when it was read."""

    digest: bytes
    look: tuple[int, ...]


def choose(paths: Sequence[str], leave_out: Sequence[str]) -> list[Path]:
    """Files below the paths, each as likely as another, as many as can be read in a moment."""
    chance = random.Random()  # noqa: S311  any file will do
    picked: list[Path] = []
    for number, path in enumerate(_files(paths, frozenset(leave_out))):
        if len(picked) < _FILES:
            picked.append(path)
        elif (place := chance.randrange(number + 1)) < _FILES:
            picked[place] = path
    chance.shuffle(picked)
    return picked


def read(files: Sequence[Path]) -> Mapping[Path, Sampled]:
    """What they hold; those that cannot be read, or would take too long, are no part of it."""
    found: dict[Path, Sampled] = {}
    room = _BYTES
    for path in files:
        with suppress(OSError):
            look = path.lstat()
            if stat.S_ISREG(look.st_mode) and look.st_size <= room:
                room -= look.st_size
                found[path] = Sampled(digest_of(path), _facts(look))
    return found


def unchanged(sample: Mapping[Path, Sampled]) -> Mapping[str, bytes]:
    """Those that nobody wrote to since: what the backup holds of them is known."""
    still: dict[str, bytes] = {}
    for path, sampled in sample.items():
        with suppress(OSError):
            if _facts(path.lstat()) == sampled.look:
                still[str(path)] = sampled.digest
    return still


def _facts(look: os.stat_result) -> tuple[int, ...]:
    return (look.st_dev, look.st_ino, look.st_size, look.st_mtime_ns, look.st_ctime_ns)


def _files(paths: Sequence[str], leave_out: frozenset[str]) -> Iterator[Path]:
    """Every file that has a name which both programs can say again."""
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        for above, folders, files in os.walk(path):
            folder = Path(above)
            folders[:] = [name for name in folders if str(folder / name) not in leave_out]
            for file in map(folder.joinpath, files):
                if str(file) not in leave_out and str(file).isprintable():
                    yield file
