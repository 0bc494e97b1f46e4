"""Is a file open elsewhere? Asked of the kernel by a lease, which sees into every container."""

import errno
import fcntl
import signal
from enum import Enum
from typing import Final


class Use(Enum):
    """What the kernel answered."""

    FREE = "free"
    IN_USE = "in use"
    UNKNOWN = "unknown"


# A broken lease is told by SIGIO, whose default is to end the process.
_NO_ANSWER: Final = (errno.EACCES, errno.EPERM, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOLCK)


def quiet() -> None:
    """Let a broken lease be seen by `broken` instead of ending this process."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)


def hold_against_writers(file: int) -> Use:
    """Take a read lease: granted beside readers, refused beside a writer."""
    return _take(file, fcntl.F_RDLCK)


def hold_against_all(file: int) -> Use:
    """Take a write lease: granted only where nobody else has the file open."""
    return _take(file, fcntl.F_WRLCK)


def broken(file: int) -> bool:
    """Somebody waits in open() for the lease held on `file`."""
    return fcntl.fcntl(file, fcntl.F_GETLEASE) == fcntl.F_UNLCK


def drop(file: int) -> None:
    """Give the lease back, which lets a waiting open() through."""
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _take(file: int, kind: int) -> Use:
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, kind)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return Use.IN_USE
        if error.errno in _NO_ANSWER:
            return Use.UNKNOWN
        raise
    return Use.FREE
