"""What an app has to do with, by path and by inode; what is below a folder is the folder's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Withheld:
    """Files and folders that stay where they are, each with why."""

    paths: Mapping[bytes, str] = field(default_factory=dict)
    # Under another name it is still the same file.
    inodes: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def why(self, paths: Iterable[bytes], device: int, inode: int) -> str | None:
        """Say why a file stays, under any of its names."""
        if (found := self.inodes.get((device, inode))) is not None:
            return found
        for path in paths:
            for above in upwards(path):
                if (found := self.paths.get(above)) is not None:
                    return found
        return None


def upwards(path: bytes) -> Iterator[bytes]:
    """A path and every folder above it."""
    while path:
        yield path
        path = path.rpartition(b"/")[0]
    yield b"/"
