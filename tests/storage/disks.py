"""Disks whose power can be cut: file systems in images, in a file system that can clone them.

A loop device writes to its image what the inner file system really sent to its disk; what only
lay in memory is not in a clone of the image. So a clone is the disk after a power cut.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.storage.writelog import serving

SIZES: Final = {"hot": 192, "cold": 192, "system": 64}  # MiB
# Those that have another file system than the rest.
KINDS: Final = {"system": "ext4"}
_MAKE: Final = {
    "ext4": ("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
    "btrfs": ("mkfs.btrfs", "-q", "-f", "-M"),
}
_LEAST: Final = {"xfs": 320}  # MiB


def run(*command: object) -> None:
    """Run a program that must succeed."""
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@dataclass(frozen=True)
class Disks:
    """Disks: source, destination, and the one with the journal (ext4)."""

    folder: Path
    kind: str
    sizes: Mapping[str, int]
    kinds: Mapping[str, str]

    def make(self) -> None:
        """Make the file systems that hold the images, and the images."""
        outer = self.folder / "outer.img"
        self.images.mkdir(parents=True)
        with outer.open("wb") as file:
            file.truncate(4 * 1024**3)
        run("mkfs.xfs", "-q", "-m", "reflink=1", outer)
        run("mount", "-o", "loop", outer, self.images)

    def fresh(self) -> None:
        """Make empty disks."""
        for name, size in self.sizes.items():
            kind = self.kind_of(name)
            image = self.image(name)
            image.unlink(missing_ok=True)
            with image.open("wb") as file:
                file.truncate(max(size, _LEAST.get(kind, 0)) * 1024**2)
            run(*_MAKE[kind], image)

    def kind_of(self, name: str) -> str:
        """Return a disk's file system."""
        return self.kinds.get(name, self.kind)

    @property
    def images(self) -> Path:
        """Return the folder of the images, which can clone."""
        return self.folder / "images"

    def image(self, name: str, cut: int | None = None) -> Path:
        """Return a disk's image, or what a power cut left of it."""
        return self.images / (f"{name}.img" if cut is None else f"{name}.{cut}.img")

    def at(self, name: str) -> Path:
        """Return where a disk is mounted."""
        return self.folder / name

    @property
    def log(self) -> Path:
        """Return where the writes of a logged run are."""
        return self.images / "log"

    @contextmanager
    def logged(self) -> Iterator[None]:
        """Have the disks mounted so that every write and flush is written down."""
        images = [self.image(name) for name in self.sizes]
        for name in self.sizes:
            run("cp", "--reflink=always", self.image(name), self.images / f"{name}.base")
        with serving(self.folder / "writes", self.log, images):
            with self.mounted(of=self.folder / "writes"):
                yield
            wait_for_loops(self.folder / "writes")

    @contextmanager
    def mounted(self, cut: int | None = None, of: Path | None = None) -> Iterator[None]:
        """Have the disks mounted, as they are or as a power cut left them."""
        done: list[Path] = []
        try:
            for name in self.sizes:
                self.at(name).mkdir(exist_ok=True)
                image = self.image(name, cut)
                mount(of / image.name if of else image, self.at(name))
                done.append(self.at(name))
            yield
        finally:
            for point in done:
                unmount(point)
            # btrfs gives the next cut another identity while this one is still on its way out.
            wait_for_loops(self.images)

    def cut(self, number: int, *, source_is_written: bool) -> None:
        """Keep what is on the disks now.

        Disks write back at moments of their own: the worst is a source that has written every
        unlink, and a destination that has written no more than it was asked to.
        """
        if source_is_written:
            run("sync", "-f", self.at("hot"))
        for name in self.sizes:
            run("cp", "--reflink=always", self.image(name), self.image(name, number))

    def drop(self, number: int) -> None:
        """Throw a cut away."""
        for name in self.sizes:
            self.image(name, number).unlink()

    def remove(self) -> None:
        """Take all of it away."""
        if self.images.is_mount():
            unmount(self.images)
        shutil.rmtree(self.folder)


@contextmanager
def disks_of(
    kind: str, sizes: Mapping[str, int] = SIZES, kinds: Mapping[str, str] = KINDS
) -> Iterator[Disks]:
    """Have disks of a kind; nothing of them is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-power-", dir="/var/tmp"))
    disks = Disks(folder, kind, sizes, kinds)
    try:
        disks.make()
        yield disks
    finally:
        disks.remove()


def wait_for_loops(folder: Path) -> None:
    """A loop device lets go of its file a moment after it was unmounted."""
    for _ in range(100):
        loops = subprocess.run(["losetup", "--list"], check=False, capture_output=True, text=True)
        if str(folder) not in loops.stdout:
            return
        time.sleep(0.05)


def mount(image: Path, point: Path) -> None:
    """XFS refuses a second disk of one UUID, and the last cut's may take a moment to go.

    Whoever made a mount namespace meanwhile has it still, until that ends: `nouuid` waits for none.
    """
    words = ("mount", "-o", "loop", str(image), str(point))
    for _ in range(100):
        for options in ("loop", "loop,nouuid"):
            command = ("mount", "-o", options, str(image), str(point))
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                if _is_itself(point):
                    return
                unmount(point)
        time.sleep(0.1)
    run(*words)


def _is_itself(point: Path) -> bool:
    """btrfs does not refuse it: it calls the second disk something else for as long."""
    said = subprocess.run(
        ["findmnt", "-no", "SOURCE", str(point)], check=True, capture_output=True, text=True
    )
    name = Path(said.stdout.strip()).name
    devices = Path("/sys/fs/btrfs").glob(f"*/devices/{name}")
    flags = [each.parent.parent / "temp_fsid" for each in devices]
    return not any(flag.exists() and flag.read_text().strip() == "1" for flag in flags)


def unmount(point: Path) -> None:
    """Take a disk away."""
    for _ in range(50):
        if subprocess.run(["umount", str(point)], check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    run("umount", "-l", point)
