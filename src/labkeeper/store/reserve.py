"""A little room that is kept for records, so that a full disk can be emptied with a record of it.

To remove what was put aside needs a few rows first. Where the state lies on the disk that is full,
those rows would be what keeps it full.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_FILE: Final = "reserve"
# SQLite's log of a thousand pages before it is folded into the file (wal_autocheckpoint), and more.
SIZE: Final = 8 << 20
_PLENTY: Final = 64 * SIZE
_TIGHT: Final = SIZE // 2


def see(folder: Path) -> None:
    """Give the room back where the disk is full, and take it where there is plenty."""
    file = folder / _FILE
    with suppress(OSError):
        free = _free(folder)
        if free < _TIGHT:
            file.unlink(missing_ok=True)
        elif free > _PLENTY and not file.exists():
            _take(file)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _take(file: Path) -> None:
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(number, 0, SIZE)
    finally:
        os.close(number)
