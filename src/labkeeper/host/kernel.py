"""System calls that Python has no name for, as functions that raise OSError."""

import ctypes
import errno
import os
from collections.abc import Callable
from typing import Any, Final

_LIBRARY: Final = ctypes.CDLL(None, use_errno=True)


def door(name: str, *arguments: Any) -> Callable[..., int]:
    """Return the C library's function `name`, started again when a signal cuts it short."""
    # A function of its own: `syscall` is used with several lists of arguments.
    function = _LIBRARY[name]
    function.argtypes = arguments
    # Read as wider than it is, a -1 is a large number, and every failure a success.
    function.restype = ctypes.c_long if name == "syscall" else ctypes.c_int

    def through(*given: Any) -> int:
        while (result := function(*given)) == -1:
            code = ctypes.get_errno()
            if code != errno.EINTR:
                raise OSError(code, os.strerror(code))
        return int(result)

    return through
