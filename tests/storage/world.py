"""A world to move and to clean: two folders and the state, all below one root."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LARGE: Final = 1024 * 1024 + 4097
FOLDER: Final = b"<folder>"
OLD: Final = 1_600_000_000 * 10**9


@dataclass(frozen=True)
class World:
    """Two folders and the journal, all below one root."""

    root: Path

    @property
    def hot(self) -> Path:
        return self.root / "hot"

    @property
    def cold(self) -> Path:
        return self.root / "cold"

    @property
    def state(self) -> Path:
        return self.root / "state"

    def make(self) -> None:
        """Fill the source with one of everything."""
        shutil.rmtree(self.root, ignore_errors=True)
        (self.hot / "sub" / "empty").mkdir(parents=True)
        self.cold.mkdir()
        (self.hot / "small").write_bytes(b"small" * 100)
        (self.hot / "sub" / "large").write_bytes(b"0123456789abcdef" * (LARGE // 16))
        (self.hot / "linked").write_bytes(b"l" * 5000)
        os.link(self.hot / "linked", self.hot / "sub" / "linked")
        (self.hot / "symlink").symlink_to("small")
        os.setxattr(self.hot / "small", "user.kept", b"x")
        self.grow_old()

    def grow_old(self) -> None:
        """Give every file a time of long ago."""
        for file in self.hot.rglob("*"):
            os.utime(file, ns=(OLD, OLD), follow_symlinks=False)


def content(folder: Path) -> dict[str, bytes]:
    """Read every name below a folder, set-aside and temporary ones as well."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_symlink():
            found[name] = b"-> " + os.fsencode(os.readlink(file))
        else:
            found[name] = FOLDER if file.is_dir() else file.read_bytes()
    return found
