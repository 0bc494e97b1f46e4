"""Reads a folder from disk: nothing is followed out of it, run, or written."""

import os
import stat
from dataclasses import field, replace
from pathlib import Path
from typing import Final

from labkeeper.audit.folder import Folder, Skipped
from labkeeper.audit.forms import form_of
from labkeeper.values import dataclass

LARGEST: Final = 8 * 1024 * 1024
PASSED_OVER: Final = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".direnv", ".terraform"}
)


@dataclass(slots=True)
class _Found:
    texts: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    skipped: list[Skipped] = field(default_factory=list)


def read_folder(root: Path) -> Folder:
    """Every text under `root` that may be part of a stack. Raises OSError for `root` alone."""
    found = _Found()
    next(root.iterdir(), None)
    for here, folders, files in os.walk(root, onerror=lambda error: _unlisted(root, error, found)):
        relative = Path(here).relative_to(root)
        folders[:] = sorted(name for name in folders if name not in PASSED_OVER)
        found.folders.update((relative / name).as_posix() for name in folders)
        for name in sorted(files):
            _take(root, (relative / name).as_posix(), found)
    return Folder(found.texts, frozenset(found.others), tuple(found.skipped),
                  frozenset(found.folders))  # fmt: skip


def read_file(path: Path) -> Folder | Skipped:
    """One file on its own, as if nothing lay beside it. Raises OSError where there is none."""
    # Whoever names a link means what it leads to.
    real = _resolved(path)
    text = _text(real, real.parent)
    return text if isinstance(text, Skipped) else Folder({path.name: text})


def with_variables(folder: Folder, path: Path) -> Folder:
    """A file that was read on its own, with the `.env` that its program would read beside it."""
    beside = _resolved(path).with_name(".env")
    try:
        text = _text(beside, beside.parent)
    except OSError:
        return folder
    return folder if isinstance(text, Skipped) else Folder({".env": text, **folder.texts})


def _unlisted(root: Path, error: OSError, found: _Found) -> None:
    path = Path(error.filename or root)
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    found.skipped.append(Skipped(name, _why(error)))


def _take(root: Path, path: str, found: _Found) -> None:
    try:
        text = _text(root / path, root) if form_of(path) else None
    except OSError as error:
        found.skipped.append(Skipped(path, _why(error)))
        return
    match text:
        case None:
            found.others.add(path)
        case Skipped():
            found.skipped.append(replace(text, file=path))
        case str():
            found.texts[path] = text


def _text(path: Path, root: Path) -> str | Skipped:
    if path.is_symlink() and not _resolved(path).is_relative_to(_resolved(root)):
        return Skipped("", "is a link to outside the folder", meant=True)
    # A pipe would wait for ever: it is opened without waiting, and then looked at.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return Skipped("", "is not a regular file", meant=True)
        if status.st_size > LARGEST:
            return Skipped("", f"is larger than {LARGEST // 1024 // 1024} MiB", meant=True)
        body = file.read(LARGEST + 1)
    return decoded(body)


def _resolved(path: Path) -> Path:
    # Unlike `Path.resolve`, this raises nothing where links go round in a circle.
    return Path(os.path.realpath(path))


def decoded(body: bytes) -> str | Skipped:
    """The text of a file's bytes, or why there is none."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        return Skipped("", f"is not UTF-8 (byte {error.start}, line {line})")
    if "\0" in text:
        return Skipped("", "holds a NUL character, so it is no text")
    return text


def _why(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}"
