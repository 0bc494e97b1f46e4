"""Folders with all that a backup can trip over, and repositories of both programs."""

import os
import random
from pathlib import Path

from labkeeper.backup.borg import Borg
from labkeeper.backup.program import Program
from labkeeper.backup.restic import Restic
from tests.programs import program

PASSWORD = b"correct horse $'\""


def folder(path: Path) -> Path:
    """Names that are patterns, a hole, a link, a second name, odd modes, and what to leave out."""
    (path / "a [1]*").mkdir(parents=True)
    (path / "a [1]*" / "x?\\ y.txt").write_bytes(os.urandom(3000))
    (path / "a [1]*" / "xa\\ y.txt").write_bytes(b"matched by the other's name")
    (path / "a 1").mkdir()
    (path / "a 1" / "x.txt").write_text("matched by the folder's name")
    (path / "caf\u00e9").write_text("caf\u00e9")
    (path / "empty").touch()
    (path / "set").write_text("x")
    (path / "set").chmod(0o6751)
    (path / "link").symlink_to("a 1/x.txt")
    os.link(path / "set", path / "second")
    with (path / "hole").open("wb") as file:
        file.truncate(5_000_000)
        file.seek(4_000_000)
        file.write(os.urandom(70_000))
    (path / "cache").mkdir()
    (path / "cache" / "thumb").write_text("made again")
    (path / "cache2").mkdir()
    (path / "cache2" / "kept").write_text("its name only begins alike")
    os.utime(path / "caf\u00e9", ns=(1_000_000_000_123_456_789, 1_000_000_000_123_456_000))
    return path


def repository(kind: str, path: Path) -> Program:
    """One that is not made yet."""
    program(kind)
    return Restic(str(path), PASSWORD) if kind == "restic" else Borg(str(path), PASSWORD)


def flip(vault: Path) -> None:
    """One byte in the middle of the largest file: the contents of files are there."""
    files = (path for path in (vault / "data").rglob("*") if path.is_file())
    largest = max(files, key=lambda path: path.stat().st_size)
    largest.chmod(0o600)
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2 + random.Random(1).randrange(100))
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
