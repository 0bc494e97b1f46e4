"""The kernel's own answers come through each door: above all its refusals."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from labkeeper.host import files, statx


@pytest.fixture
def folder(tmp_path: Path) -> int:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "sub").mkdir()
    return os.open(tmp_path, os.O_RDONLY)


def code_of(act: Callable[[], object]) -> int | None:
    """Return the error that a call ends with."""
    try:
        act()
    except OSError as error:
        return error.errno
    return None


def test_a_rename_never_replaces(folder: int, tmp_path: Path) -> None:
    """Where the new name exists, both files stay and EEXIST is raised."""
    assert code_of(lambda: files.rename_new(folder, b"a", folder, b"b")) == errno.EEXIST
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("a", "b")
    assert code_of(lambda: files.rename_new(folder, b"none", folder, b"c")) == errno.ENOENT


def test_a_name_for_an_open_file_never_replaces(folder: int, tmp_path: Path) -> None:
    """A nameless file gets a name once, and never that of another."""
    file = os.open(".", os.O_TMPFILE | os.O_RDWR, dir_fd=folder)
    os.write(file, b"new")

    assert code_of(lambda: files.name_open_file(file, folder, b"b")) == errno.EEXIST
    files.name_open_file(file, folder, b"c")
    assert ((tmp_path / "b").read_text(), (tmp_path / "c").read_text()) == ("b", "new")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (b"link", errno.ELOOP),
        (b"link/passwd", errno.ELOOP),
        (b"sub/../..", errno.EXDEV),
        (b"/etc", errno.EXDEV),
        (b"none", errno.ENOENT),
        (b"sub", None),
        (b"", None),
    ],
)
def test_nothing_leads_out(folder: int, path: bytes, code: int | None) -> None:
    """Symbolic links, `..` above the root and absolute paths are refused by the kernel."""
    assert code_of(lambda: os.close(files.open_beneath(folder, path, os.O_RDONLY))) == code


def test_another_mount_is_refused() -> None:
    """What is mounted below the root is another file system, and is not entered."""
    root = os.open("/", os.O_RDONLY)

    assert code_of(lambda: files.open_beneath(root, b"proc/self", os.O_RDONLY)) == errno.EXDEV


def test_errors_of_waiting_and_booking_come_through(folder: int) -> None:
    """A bad descriptor, and more room than there can be, are errors."""
    assert code_of(lambda: files.sync_filesystem(9999)) == errno.EBADF
    file = os.open("a", os.O_RDWR, dir_fd=folder)
    assert code_of(lambda: files.allocate(file, 0, 2**62)) in (errno.EFBIG, errno.ENOSPC)
    assert code_of(lambda: files.allocate(file, 0, 4096)) is None
    assert code_of(lambda: statx.look(9999)) == errno.EBADF


def test_a_birth_tells_a_new_file_from_an_old_one(folder: int) -> None:
    """Two files have the same mount and are born one after the other."""
    one, other = statx.look(folder, b"a"), statx.look(folder, b"b")

    assert one.mount == other.mount != 0
    assert 0 < one.born_ns <= other.born_ns
