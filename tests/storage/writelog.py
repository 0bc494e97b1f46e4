"""Disks that write down every write and every flush, so that a power cut can be made afterwards.

    python -m tests.storage.writelog MOUNT LOG IMAGE...

A FUSE file system of images: a loop device on one of them sends here what a disk would get. What
came after the last flush may be on a real disk in part and in any order; with the log, each such
state can be made. /usr/include/linux/fuse.h has the protocol.
"""

import ctypes
import errno
import os
import signal
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HEAD: Final = struct.Struct("<IIQQIIIHH")
_ATTR: Final = struct.Struct("<QQQQQQIIIIIIIIII")
_WRITE: Final = struct.Struct("<QQIIQII")
_READ: Final = struct.Struct("<QQI")
_ENTRY: Final = struct.Struct("<BBQI")  # is it a flush, which disk, where, how long
_LARGEST: Final = 1024 * 1024
_BIG_WRITES, _MAX_PAGES = 1 << 5, 1 << 22
_FORGETS: Final = (2, 36, 42)  # FORGET, INTERRUPT, BATCH_FORGET: nobody waits for an answer


class Server:
    """Answers the kernel; writes go to the images and to the log."""

    def __init__(self, device: int, log: Path, images: list[Path]) -> None:
        self._device = device
        self._names = [image.name.encode() for image in images]
        self._images = [os.open(image, os.O_RDWR) for image in images]
        self._entries = os.open(log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND)
        bodies = log.with_suffix(".bodies")
        self._bodies = os.open(bodies, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND)
        self._answers: dict[int, Callable[[int, bytes], bytes]] = {
            1: self._lookup,
            3: lambda node, _: struct.pack("<QII", 3600, 0, 0) + self._attributes(node),
            4: lambda node, _: struct.pack("<QII", 3600, 0, 0) + self._attributes(node),
            14: lambda *_: struct.pack("<QII", 0, 1, 0),  # OPEN: past the page cache
            15: self._read,
            16: self._write,
            17: lambda *_: struct.pack("<QQQQQIIII24x", 1 << 20, 0, 0, 9, 0, 4096, 255, 4096, 0),
            18: lambda *_: b"",
            20: self._flush,
            25: lambda *_: b"",
            26: self._begin,
            27: lambda *_: struct.pack("<QII", 0, 0, 0),
            29: lambda *_: b"",
            34: lambda *_: b"",
        }

    def serve(self) -> None:
        """Answer until the mount is taken away."""
        while True:
            try:
                request = os.read(self._device, _LARGEST + 65536)
            except OSError as error:
                if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return  # ENODEV: unmounted
            _, code, number, node, *_ = _HEAD.unpack_from(request)
            if code not in _FORGETS:
                self._answer(code, number, node, request[_HEAD.size :])

    def _answer(self, code: int, number: int, node: int, body: bytes) -> None:
        failed = 0
        answer = b""
        if code not in self._answers:
            failed = errno.ENOSYS
        else:
            try:
                answer = self._answers[code](node, body)
            except OSError as error:
                failed = error.errno or errno.EIO
        os.write(self._device, struct.pack("<IiQ", 16 + len(answer), -failed, number) + answer)

    def _begin(self, _: int, body: bytes) -> bytes:
        major, minor, ahead, flags = struct.unpack_from("<IIII", body)
        wanted = flags & (_BIG_WRITES | _MAX_PAGES)
        return struct.pack(
            "<IIIIHHIIHHII24x", major, min(minor, 36), ahead, wanted, 12, 9, _LARGEST, 1,
            _LARGEST // 4096, 0, 0, 0,
        )  # fmt: skip

    def _lookup(self, _: int, body: bytes) -> bytes:
        name = body.rstrip(b"\0")
        if name not in self._names:
            raise FileNotFoundError(errno.ENOENT, "")
        node = self._names.index(name) + 2
        return struct.pack("<QQQQII", node, 0, 3600, 3600, 0, 0) + self._attributes(node)

    def _attributes(self, node: int) -> bytes:
        is_root = node == 1
        size = 0 if is_root else os.fstat(self._images[node - 2]).st_size
        mode = stat.S_IFDIR | 0o755 if is_root else stat.S_IFREG | 0o600
        return _ATTR.pack(node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def _read(self, node: int, body: bytes) -> bytes:
        _, offset, size = _READ.unpack_from(body)
        return os.pread(self._images[node - 2], size, offset)

    def _write(self, node: int, body: bytes) -> bytes:
        _, offset, size, *_ = _WRITE.unpack_from(body)
        data = body[_WRITE.size : _WRITE.size + size]
        os.pwrite(self._images[node - 2], data, offset)
        os.write(self._bodies, data)
        os.write(self._entries, _ENTRY.pack(0, node - 2, offset, size))
        return struct.pack("<II", size, 0)

    def _flush(self, node: int, _: bytes) -> bytes:
        os.write(self._entries, _ENTRY.pack(1, node - 2, 0, 0))
        return b""


@dataclass(frozen=True, slots=True)
class Entry:
    """A write, or a flush: everything that was answered before it is on the medium."""

    is_flush: bool
    disk: int
    offset: int
    length: int
    at: int  # of its body among the bodies


def pack(offset: int | None, disk: int, length: int = 0) -> bytes:
    """Return a line of the log: a write, or a flush where there is no offset."""
    return _ENTRY.pack(offset is None, disk, offset or 0, length)


def read(log: Path) -> list[Entry]:
    """Read a log."""
    entries = []
    at = 0
    for is_flush, disk, offset, length in _ENTRY.iter_unpack(log.read_bytes()):
        entries.append(Entry(bool(is_flush), disk, offset, length, at))
        at += length
    return entries


def length(log: Path) -> int:
    """Return how many entries there are by now."""
    return log.stat().st_size // _ENTRY.size


@contextmanager
def serving(mount: Path, log: Path, images: list[Path]) -> Iterator[None]:
    """Have the images below `mount`, by a server in a process of its own."""
    mount.mkdir(exist_ok=True)
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"writelog", os.fsencode(mount), b"fuse", 0, options):
        code = ctypes.get_errno()
        raise OSError(code, f"mounting FUSE: {os.strerror(code)}")
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            Server(device, log, images).serve()
        finally:
            os._exit(0)
    os.close(device)
    try:
        yield
    finally:
        libc.umount2(os.fsencode(mount), 2)
        os.waitpid(child, 0)


if __name__ == "__main__":
    with serving(Path(sys.argv[1]), Path(sys.argv[2]), [Path(p) for p in sys.argv[3:]]):
        signal.pause()
