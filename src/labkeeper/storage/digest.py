"""The digest of a file as anybody reads it: a check of contents that takes nobody's word."""

import os
from pathlib import Path
from typing import Final

from blake3 import blake3

_PIECE: Final = 1 << 20


def digest_of(path: Path) -> bytes:
    """The digest of all its bytes."""
    hasher = blake3()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            hasher.update(piece)
    return hasher.digest()


def digest_of_open(file: int) -> bytes:
    """The digest of all bytes of an open file."""
    hasher, at = blake3(), 0
    while piece := os.pread(file, _PIECE, at):
        hasher.update(piece)
        at += len(piece)
    return hasher.digest()
