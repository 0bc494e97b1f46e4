"""Whether the page cache holds a part of a file: the proof that a re-read was a re-read."""

import errno
import os


def drop(file: int) -> None:
    """Ask the kernel to forget the clean pages of a file; `holds` says whether it did."""
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def holds(file: int, offset: int, buffer: memoryview) -> bool:
    """Try to read without any I/O: what can be read so lies in memory."""
    try:
        return os.preadv(file, [buffer], offset, os.RWF_NOWAIT) > 0
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):
            return True  # no proof either way: say the weaker thing
        raise
