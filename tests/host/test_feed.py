import os
import struct
from pathlib import Path
from unittest import mock

import pytest

from labkeeper.host import fanotify, handles
from labkeeper.host.fanotify import Touched, Unread
from labkeeper.host.feed import MISSED, NoFeed, Watcher

INODE_AND_GENERATION = 1


def info(kind: int, inode: int, name: bytes = b"") -> bytes:
    tail = name + bytes(1 + -(len(name) + 1) % 4) if name else b""
    handle = struct.pack("=IiII", 8, INODE_AND_GENERATION, inode, 7)
    return struct.pack("=BxHQ", kind, 12 + len(handle) + len(tail), 99) + handle + tail


def event(mask: int, *infos: bytes) -> bytes:
    body = b"".join(infos)
    return struct.pack("=IBBHQii", 24 + len(body), 3, 0, 24, mask, -1, 1) + body


def heard(tmp_path: Path, *events: bytes) -> list[Touched]:
    (tmp_path / "queue").write_bytes(b"".join(events))
    queue = os.open(tmp_path / "queue", os.O_RDONLY)
    real = os.read

    def read(file: int, most: int) -> bytes:
        data = real(file, most)
        if not data:
            raise BlockingIOError
        return data

    try:
        with mock.patch("labkeeper.host.fanotify.os.read", read):
            return list(fanotify.read(queue))
    finally:
        os.close(queue)


def test_events(tmp_path: Path) -> None:
    """A name in a folder with its file, a folder itself, a file without a place."""
    assert heard(
        tmp_path,
        event(0x2, info(2, 11, b"film"), info(1, 12)),
        event(0x4, info(2, 11, b".")),
        event(0x4, info(1, 13)),
    ) == [Touched(99, 11, 12, b"film"), Touched(99, 11, 0, b"."), Touched(99, 0, 13, b"")]


def test_what_is_not_told(tmp_path: Path) -> None:
    """An overflow, and a handle of a file system that nobody knows, are no silence."""
    with pytest.raises(Unread):
        heard(tmp_path, event(0x4000))
    with pytest.raises(Unread):
        heard(tmp_path, event(0x2, info(1, 12).replace(b"\x01\0\0\0", b"\x7f\0\0\0", 1)))


def test_handles_are_tried(tmp_path: Path) -> None:
    """A file system is believed only when its handle says what its folder's inode is."""
    folder = os.open(tmp_path, os.O_RDONLY)
    with mock.patch.object(handles, "inode_in", lambda *_: 1):
        assert not handles.is_understood(folder)
    with mock.patch.object(handles, "inode_in", lambda *_: os.fstat(folder).st_ino):
        assert handles.is_understood(folder)
    os.close(folder)
    assert handles.inode_in(0x7F, bytes(8)) is None


def test_nobody_tells(tmp_path: Path) -> None:
    """Where no watcher can be had it is said why, and everything may have changed."""
    with mock.patch("labkeeper.host.feed.sys.executable", "/bin/false"), pytest.raises(OSError):
        Watcher.start([str(tmp_path)])
    assert NoFeed().take() == MISSED
