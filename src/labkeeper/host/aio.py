"""Many reads under way at once from one thread: Linux's own asynchronous input, io_submit(2).

Past the page cache it does not wait for the disk; where it cannot be had, there is None.
"""

import ctypes
import os
import struct
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from labkeeper.host import kernel

# io_setup, io_submit, io_getevents: arch/x86/entry/syscalls/syscall_64.tbl and, for aarch64 and
# riscv64, include/uapi/asm-generic/unistd.h.
_NUMBERS: Final = {"x86_64": (206, 209, 208), "aarch64": (0, 2, 4), "riscv64": (0, 2, 4)}
# struct iocb, linux/aio_abi.h: data, key and flags (which change places with the byte order, and
# are both 0), opcode, priority, file, buffer, count, offset, and three that are 0.
_REQUEST: Final = struct.Struct("=QIIHhIQQqQII")
_EVENT: Final = struct.Struct("=QQqq")

_setup: Final = kernel.door("syscall", ctypes.c_long, ctypes.c_uint, ctypes.c_void_p)
_submit: Final = kernel.door(
    "syscall", ctypes.c_long, ctypes.c_ulong, ctypes.c_long, ctypes.c_void_p
)
_wait: Final = kernel.door(
    "syscall", ctypes.c_long, ctypes.c_ulong, ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
    ctypes.c_void_p,
)  # fmt: skip


class Read(NamedTuple):
    """A part of an open file, and the address that it goes to."""

    file: int
    address: int
    length: int


class Queue:
    """Reads that the kernel has under way for this process."""

    def __init__(self, context: int, numbers: tuple[int, int, int], depth: int) -> None:
        self._context = context
        self._numbers = numbers
        self.depth = depth
        self._requests = ctypes.create_string_buffer(_REQUEST.size * depth)
        self._events = ctypes.create_string_buffer(_EVENT.size * depth)
        begin = ctypes.addressof(self._requests)
        self._order = (ctypes.c_void_p * depth)(*(begin + n * _REQUEST.size for n in range(depth)))

    @classmethod
    def open(cls, depth: int) -> Self | None:
        """Ask the kernel for a queue; it goes when the process does."""
        numbers = _NUMBERS.get(os.uname().machine)
        if numbers is None:
            return None
        context = ctypes.c_ulong(0)
        try:
            _setup(numbers[0], depth, ctypes.addressof(context))
        except OSError:
            return None
        return cls(context.value, numbers, depth)

    def read(self, reads: Sequence[Read]) -> list[int]:
        """Read the beginning of each file, all at once; bytes that came, or an errno below 0.

        It returns when none is under way any more. A read that the kernel does not take up is
        said to have brought nothing.
        """
        for number, (file, address, length) in enumerate(reads):
            _REQUEST.pack_into(
                self._requests, number * _REQUEST.size,
                number, 0, 0, 0, 0, file, address, length, 0, 0, 0, 0,
            )  # fmt: skip
        came = [0] * len(reads)
        taken = 0
        while taken < len(reads):
            try:
                at = ctypes.addressof(self._order) + taken * ctypes.sizeof(ctypes.c_void_p)
                more = _submit(self._numbers[1], self._context, len(reads) - taken, at)
            except OSError:
                break
            taken += more
        self._reap(taken, came)
        return came

    def _reap(self, waiting: int, came: list[int]) -> None:
        """Wait for all: until then the kernel may write to their buffers."""
        while waiting:
            got = _wait(self._numbers[2], self._context, waiting, waiting, self._events, None)
            for number in range(got):
                which, _, result, _ = _EVENT.unpack_from(self._events, number * _EVENT.size)
                came[which] = result
            waiting -= got
