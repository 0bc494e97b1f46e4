"""Reads a lab's files from disk: `lab.yaml`, and those in `lab.d` beside it."""

from pathlib import Path
from typing import Final

_LARGEST: Final = 8 * 1024 * 1024


class UnreadableLabError(Exception):
    """A file of the lab that cannot be read, and why."""


def lab_texts(path: Path) -> dict[str, str]:
    """The texts by their paths from the lab's folder, the main one first.

    `path` is the main file or the folder that it is in.
    """
    try:
        main = path / "lab.yaml" if path.is_dir() else path
        folder = main.parent
        parts = sorted(part for part in (folder / "lab.d").glob("*") if _is_part(part))
    except OSError as error:
        raise UnreadableLabError(_why(path, error)) from error
    return {file.relative_to(folder).as_posix(): _text(file) for file in (main, *parts)}


def own_catalog(path: Path) -> list[tuple[str, str]]:
    """The texts of the lab's own catalog, by their paths from the lab's folder."""
    folder = path if path.is_dir() else path.parent
    try:
        found = sorted(
            file
            for kind in ("services", "exporters")
            for file in (folder / "catalog" / kind).glob("*")
            if _is_part(file)
        )
    except OSError as error:
        raise UnreadableLabError(_why(folder, error)) from error
    return [(file.relative_to(folder).as_posix(), _text(file)) for file in found]


def _is_part(path: Path) -> bool:
    # What editors leave behind begins with a dot.
    return path.suffix in {".yaml", ".yml"} and not path.name.startswith(".")


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise UnreadableLabError(f"`{path}` is not a regular file")
        if path.stat().st_size > _LARGEST:
            raise UnreadableLabError(f"`{path}` is larger than {_LARGEST // 1024 // 1024} MiB")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UnreadableLabError(_why(path, error)) from error
    except UnicodeDecodeError as error:
        raise UnreadableLabError(f"`{path}` is not UTF-8 (byte {error.start})") from error


def _why(path: Path, error: OSError) -> str:
    return f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}"
