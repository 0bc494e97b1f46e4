"""Reads a lab's files from disk: `lab.yaml`, and `lab.d/*.yaml` beside it."""

from pathlib import Path
from typing import Final

_LARGEST: Final = 8 * 1024 * 1024


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
        if path.stat().st_size > _LARGEST:
            words = f"is larger than {_LARGEST // 1024 // 1024} MiB"
            raise UnreadableLabError(_shown(path), words)
        return path.read_text("utf-8-sig")
    except OSError as error:
        why = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise UnreadableLabError(_shown(path), why) from error
    except UnicodeDecodeError as error:
        raise UnreadableLabError(_shown(path), f"is not UTF-8 (byte {error.start})") from error
