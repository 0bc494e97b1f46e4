"""The folder that a build writes: all of it or nothing, and never over somebody's own edits."""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from labkeeper.values import dataclass

MANIFEST: Final = ".labkeeper.json"
_STAGE: Final = ".labkeeper-new"
_FORMAT: Final = 1
_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as a build wants it; one that is `kept` is written only where there is none."""

    path: str
    body: bytes
    mode: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change in the folder: paths, each list in order."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    # Files that somebody edited since a build wrote them, or that were there before.
    edited: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.edited)


@dataclass(frozen=True)
class Output:
    """An output folder, and what the last build wrote to it."""

    root: Path
    # The digest of each file that a build wrote, by its path.
    written: Mapping[str, str] = field(default_factory=dict)


class BadOutputError(Exception):
    """A folder that cannot be an output folder, and why."""


@contextmanager
def alone(root: Path, *, make: bool) -> Iterator[None]:
    """Keeps other builds out of a folder for as long; one that is not there yet is made on wish."""
    if make and not root.is_symlink():
        root.mkdir(parents=True, exist_ok=True)
    if not root.is_dir():
        yield
        return
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadOutputError(f"another build is at work in `{root}`") from error
        except OSError as error:
            # File systems of servers and of FUSE need not know locks.
            if error.errno not in {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}:
                raise
        yield
    finally:
        os.close(descriptor)


def open_output(root: Path) -> Output:
    """Reads the folder's manifest; finishes first what an interrupted build had begun."""
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise BadOutputError(f"`{root}` is not a folder")
    _finish(root)
    try:
        text = (root / MANIFEST).read_text("utf-8")
    except FileNotFoundError:
        return Output(root)
    try:
        found = json.loads(text)
        files = dict(found["files"]) if found["format"] == _FORMAT else None
    except (ValueError, KeyError, TypeError):
        files = None
    if files is None or not all(map(_is_inside, files)):
        raise BadOutputError(f"`{root / MANIFEST}` is not what a build of this version writes")
    return Output(root, files)


def difference(output: Output, wanted: Iterable[Wanted]) -> Difference:
    """What a build would change."""
    wanted = tuple(wanted)
    new: list[str] = []
    changed: list[str] = []
    edited: list[str] = []
    for each in wanted:
        there = _digest_of(output.root / each.path)
        if there is None:
            new.append(each.path)
        elif each.kept or there == _digest(each.body):
            continue
        elif output.written.get(each.path) == there:
            changed.append(each.path)
        else:
            edited.append(each.path)
    names = {each.path for each in wanted}
    gone: list[str] = []
    for path, digest in output.written.items():
        there = _digest_of(output.root / path) if path not in names else None
        if there is not None:
            (gone if there == digest else edited).append(path)
    return Difference(*map(_sorted, (new, changed, gone, edited)))


def write(output: Output, wanted: Iterable[Wanted], found: Difference) -> None:
    """Makes the folder as it is wanted. Edited files are the caller's to decide on before.

    Every file is complete beside the folder's own before the first one is put in its place; what
    is left to do is written down, so that an interrupted build is finished by the next one.
    """
    root, stage = output.root, output.root / _STAGE
    todo = {*found.new, *found.changed, *found.edited}
    bodies = {each.path: each for each in wanted}
    stage.mkdir(parents=True, exist_ok=True)
    staged = [(stage / str(n), bodies[path]) for n, path in enumerate(sorted(todo & bodies.keys()))]
    # Together, for a file system writes its journal once for all that wait for it.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda pair: _put(pair[0], pair[1].body, pair[1].mode), staged))
    moves = {str(n): path for n, path in enumerate(sorted(todo & bodies.keys()))}
    files = {each.path: _digest(each.body) for each in bodies.values() if not each.kept}
    before = {path: _digest_of(root / path) for path in moves.values()}
    record = {"moves": moves, "before": before, "gone": list(found.gone), "files": files}
    _put(stage / "todo.part", json.dumps(record).encode(), 0o644)
    os.rename(stage / "todo.part", stage / "todo.json")
    _sync(stage)
    _finish(root)


def _finish(root: Path) -> None:
    """Does what is written down to be done; what was never written down whole is thrown away."""
    stage = root / _STAGE
    if not stage.is_dir():
        return
    record = _todo(stage)
    if record:
        for number, path in record["moves"].items():
            source, before = stage / number, record["before"][path]
            # What somebody edited since the build was interrupted is told by the next one.
            if source.exists() and _digest_of(root / path) in {before, None}:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                _place(source, root / path)
        for path in record["gone"]:
            (root / path).unlink(missing_ok=True)
            _prune(root, (root / path).parent)
        manifest = {"format": _FORMAT, "files": dict(sorted(record["files"].items()))}
        _put(stage / "manifest", (json.dumps(manifest, indent=1) + "\n").encode(), 0o644)
        os.replace(stage / "manifest", root / MANIFEST)
        _sync(root)
    for left in stage.iterdir():
        left.unlink()
    stage.rmdir()


def _todo(stage: Path) -> "dict[str, Any] | None":
    """What an interrupted build wrote down; none where it did not come so far."""
    try:
        found = json.loads((stage / "todo.json").read_text("utf-8"))
        paths = (*found["moves"].values(), *found["gone"], *found["files"])
        whole = all(map(_is_inside, paths)) and set(found["moves"].values()) <= {*found["before"]}
        names = all(number.isdigit() for number in found["moves"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = names = False
    if not (whole and names):
        raise BadOutputError(f"`{stage / 'todo.json'}` is not what a build of this version writes")
    return dict(found)


def _is_inside(path: object) -> bool:
    """Whether a path of a manifest leads to a file of the folder: others write such files, too."""
    parts = PurePosixPath(path).parts if isinstance(path, str) else ()
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\0" not in str(path)


def _place(source: Path, target: Path) -> None:
    """Puts a whole file in its place, also where a folder of it is another file system."""
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f"{target.name}.labkeeper-new")
        _put(beside, source.read_bytes(), source.stat().st_mode & 0o777)
        os.replace(beside, target)
        source.unlink()


def _prune(root: Path, folder: Path) -> None:
    """Removes folders that a removed file leaves empty."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _put(path: Path, body: bytes, mode: int) -> None:
    with open(path, "wb") as file:
        file.write(body)
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _digest_of(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _sorted(paths: list[str]) -> tuple[str, ...]:
    return tuple(sorted(paths))
