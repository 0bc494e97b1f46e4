"""Whether a video came whole: the boxes of an MP4 file, one after the other, to its end.

ISO/IEC 14496-12, 4.2: each begins with its length and its kind.
"""

import os
import struct
from typing import Final

_MOST: Final = 1_000_000
# What Frigate's ffmpeg writes (`-movflags frag_keyframe+empty_moov`) ends with an index of its
# fragments, `mfra`; one that was cut between two of them does not.
_FRAGMENT, _INDEX = b"moof", b"mfra"
_NEEDED: Final = {b"ftyp", b"moov", b"mdat"}


def fault(file: int) -> str | None:
    """What is wrong with an open file as a video; none where nothing is."""
    size, at, kinds = os.fstat(file).st_size, 0, list[bytes]()
    while at < size:
        head = os.pread(file, 16, at)
        if len(head) < 8 or len(kinds) >= _MOST:
            return "it ends in the middle" if kinds else "it is no video"
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        elif length == 0:
            length = size - at
        if length < 8 or (not kinds and kind != b"ftyp"):
            return "it is no video"
        if at + length > size:
            return "it ends in the middle"
        kinds.append(kind)
        at += length
    if not kinds:
        return "it is empty"
    if not _NEEDED.issubset(kinds):
        return "it holds no picture"
    if _FRAGMENT in kinds and kinds[-1] != _INDEX:
        return "it ends in the middle"
    return None
