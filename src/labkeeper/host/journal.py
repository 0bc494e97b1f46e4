"""Lines of a service: with their level, where it is the journal that takes them."""

import os
import sys
from contextlib import suppress
from enum import IntEnum


class Level(IntEnum):
    """sd-daemon(3); the journal shows warnings and errors in colour, and can be asked for them."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


def is_heard() -> bool:
    """Whether what is written to stderr goes to the journal (systemd.exec(5), JOURNAL_STREAM)."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        look = os.fstat(2)
    except OSError:
        return False
    return (str(look.st_dev), str(look.st_ino)) == (device, inode)


def say(text: str, level: Level = Level.INFO) -> None:
    """Say it, one line of the journal for each of its own; that nobody hears ends no work."""
    head = f"<{level.value}>" if is_heard() else ""
    lines = "".join(f"{head}{line}\n" for line in text.splitlines())
    with suppress(OSError):
        sys.stderr.write(lines)
        sys.stderr.flush()
