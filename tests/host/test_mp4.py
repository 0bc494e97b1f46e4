"""A video is whole, or it is said what is wrong with it."""

import struct
from pathlib import Path

import pytest

from labkeeper.host.mp4 import fault
from tests.host.frigates import box, video

PLAIN = box(b"ftyp", b"isom") + box(b"mdat", bytes(99)) + box(b"moov")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (video(), None),
        (PLAIN, None),
        # A box of more than four gigabytes says its length behind its kind; 0 is all the rest.
        (box(b"ftyp") + box(b"moov") + struct.pack(">I4sQ", 1, b"mdat", 24) + bytes(8), None),
        (box(b"ftyp") + box(b"moov") + struct.pack(">I4s", 0, b"mdat") + bytes(8), None),
        (b"", "it is empty"),
        (video()[:-3], "it ends in the middle"),
        (video()[: -len(box(b"mfra"))], "it ends in the middle"),
        (PLAIN[:60], "it ends in the middle"),
        (box(b"ftyp") + box(b"moov"), "it holds no picture"),
        (b'{"success": false, "message": "no recordings"}', "it is no video"),
        (b"<html>", "it is no video"),
        (box(b"ftyp") + bytes(40), "it holds no picture"),
        (box(b"moov") + video(), "it is no video"),
    ],
    ids=range(13),
)
def test_videos(tmp_path: Path, content: bytes, why: str | None) -> None:
    """Only one that is whole has no fault."""
    file = tmp_path / "clip.mp4"
    file.write_bytes(content)
    with file.open("rb") as opened:
        assert fault(opened.fileno()) == why
