"""Reads a lab's files from disk: `lab.yaml`, and `lab.d/*.yaml` beside it."""

from pathlib import Path

from labkeeper.audit.folder import Skipped
from labkeeper.host.folder import LARGEST, decoded


class UnreadableLabError(Exception):
    """A file of the lab that cannot be read, and why."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"`{file}` {why}")


def lab_texts(path: Path) -> dict[str, str]:
    """The texts by their paths as a person would name them, the main one first.

    `path` is the main file or the folder that it is in.
    """
    if path.is_dir():
        path = path / "lab.yaml"
    parts = sorted((path.parent / "lab.d").glob("*.yaml"))
    return {_shown(file): _text(file) for file in (path, *parts)}


def _shown(path: Path) -> str:
    return path.as_posix()


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise UnreadableLabError(_shown(path), "is not a regular file")
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableLabError(_shown(path), f"is larger than {LARGEST // 1024 // 1024} MiB")
        text = decoded(path.read_bytes())
    except OSError as error:
        why = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise UnreadableLabError(_shown(path), why) from error
    if isinstance(text, Skipped):
        raise UnreadableLabError(_shown(path), text.reason)
    return text
