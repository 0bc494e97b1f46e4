"""Writes a new text over a file so that at no time there is anything else than one of both."""

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from labkeeper.values import dataclass

_MARK: Final = "\ufeff".encode()
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A file that was left as it is, and why."""

    file: str
    reason: str


class _RefusedError(Exception):
    """Why a file is left alone; never leaves this file."""


def rewrite_files(
    root: Path, before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[Unwritten, ...]]:
    """Writes the texts that differ; nothing at all if one of their files must be left alone.

    `root` is the folder that they were read from, or the one file.
    Gives back the files that were written, and those that were not.
    """
    changed = [file for file in sorted(after) if before[file] != after[file]]
    written: list[str] = []
    failed: list[Unwritten] = []
    for file in changed:
        try:
            _examine(_target(root, file), before[file])
        except (OSError, _RefusedError) as error:
            failed.append(Unwritten(file, _why(error)))
    for file in () if failed else changed:
        try:
            _rewrite(_target(root, file), before[file], after[file])
            written.append(file)
        except (OSError, _RefusedError) as error:
            failed.append(Unwritten(file, _why(error)))
    return tuple(written), tuple(failed)


def _target(root: Path, file: str) -> Path:
    """The file itself, where a link leads to it; never one outside the folder."""
    if not root.is_dir():
        return Path(os.path.realpath(root))
    path = Path(os.path.realpath(root / file))
    if not path.is_relative_to(os.path.realpath(root)):
        raise _RefusedError("it is a link to outside the folder")
    return path


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"it cannot be written: {(error.strerror or str(error)).lower()}"
    return str(error)


def _examine(path: Path, before: str) -> tuple[os.stat_result, bytes]:
    """The file as it was read, and its bytes."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        body = file.read() if stat.S_ISREG(status.st_mode) else b""
    if body.removeprefix(_MARK) != before.encode():
        raise _RefusedError("it has changed since it was read: look at it again")
    if status.st_nlink > 1:
        raise _RefusedError(
            f"it has {status.st_nlink} names (hard links), and the others would keep the old text"
        )
    if not status.st_mode & _WRITABLE or not os.access(path, os.W_OK):
        raise _RefusedError("it is read-only")
    return status, body


def _rewrite(path: Path, before: str, after: str) -> None:
    status, body = _examine(path, before)
    mark = _MARK if body.startswith(_MARK) else b""
    # Beside the file, for only there it is on the same file system; its number makes it ours.
    draft = path.with_name(f".{path.name[:200]}.labkeeper-{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(mark + after.encode())
            file.flush()
            _dress(path, handle, status)
            os.fsync(handle)
        _unchanged(path, status)
        os.rename(draft, path)
    except BaseException:
        with suppress(FileNotFoundError):
            draft.unlink()
        raise
    _settle(path.parent)


def _dress(path: Path, handle: int, status: os.stat_result) -> None:
    """Owner, mode and attributes (access lists and labels among them) of the file it replaces."""
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.fchown(handle, status.st_uid, status.st_gid)
        except PermissionError:
            raise _RefusedError("it belongs to somebody else: run this as its owner") from None
    os.fchmod(handle, stat.S_IMODE(status.st_mode))
    try:
        given = os.listxattr(path)
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.ENOSYS):
            raise
        given = []
    for name in given:
        value = os.getxattr(path, name)
        if name not in os.listxattr(handle) or os.getxattr(handle, name) != value:
            os.setxattr(handle, name, value)


def _unchanged(path: Path, status: os.stat_result) -> None:
    now = os.lstat(path)
    if (now.st_ino, now.st_dev, now.st_size, now.st_mtime_ns, now.st_ctime_ns) != (
        status.st_ino, status.st_dev, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
    ):  # fmt: skip
        raise _RefusedError("it has changed since it was read: look at it again")


def _settle(folder: Path) -> None:
    """Waits until the new name is on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
