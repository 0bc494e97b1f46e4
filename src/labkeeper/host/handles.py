"""Which inode a file handle of the kernel stands for: what fanotify names folders by."""

import ctypes
import os
import struct
from typing import Final

from labkeeper.host import kernel

_ROOM: Final = 128  # MAX_HANDLE_SZ, linux/exportfs.h
_HEAD: Final = struct.Struct("=Ii")
_EMPTY_PATH: Final = 0x1000

# linux/exportfs.h: by its kind and length, where a handle holds the inode's number. ext4, f2fs and
# old xfs say `inode, generation`; tmpfs `generation, inode, its upper half`; xfs and btrfs 64 bits.
_LAYOUTS: Final = {
    (0x01, 8): struct.Struct("=I4x"),
    (0x01, 12): struct.Struct("=4xQ"),
    (0x81, 12): struct.Struct("=Q4x"),
    (0x4D, 20): struct.Struct("=Q12x"),
}
# With the parent's behind it.
_LONGER: Final = {
    (0x02, 16): struct.Struct("=I12x"),
    (0x82, 24): struct.Struct("=Q16x"),
    (0x4E, 32): struct.Struct("=Q24x"),
    (0x4F, 40): struct.Struct("=Q32x"),
}
_ALL: Final = _LAYOUTS | _LONGER

_name_to_handle_at: Final = kernel.door(
    "name_to_handle_at", ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p,
    ctypes.POINTER(ctypes.c_int), ctypes.c_int,
)  # fmt: skip


def inode_in(kind: int, body: bytes) -> int | None:
    """The inode's number; none where the file system's handles are not known."""
    layout = _ALL.get((kind, len(body)))
    return None if layout is None else int(layout.unpack(body)[0])


def is_understood(folder: int) -> bool:
    """Whether the handles of an open folder's file system say what we read in them."""
    answer = ctypes.create_string_buffer(_HEAD.size + _ROOM)
    _HEAD.pack_into(answer, 0, _ROOM, 0)
    mount = ctypes.c_int()
    try:
        _name_to_handle_at(folder, b"", answer, ctypes.byref(mount), _EMPTY_PATH)
    except OSError:
        return False
    length, kind = _HEAD.unpack_from(answer)
    body = answer.raw[_HEAD.size : _HEAD.size + length]
    return inode_in(kind, body) == os.fstat(folder).st_ino
