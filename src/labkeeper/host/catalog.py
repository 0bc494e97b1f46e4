"""The catalog from the user's cache, where it was compiled before; compiled anew where not."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from zlib import crc32

from labkeeper.catalog import FOLDER, SHAPE, Catalog, catalog_texts, pack, read_catalog, unpack

# Seconds after which a file is forgotten that another labkeeper of the same user wrote.
_OLD: Final = 30 * 86400


def load_catalog(cache: Path | None = None, shipped: Path = FOLDER) -> Catalog:
    """The shipped catalog. A cache that cannot be read or written costs time, nothing else."""
    folder = cache or cache_folder()
    if folder is None:
        return read_catalog(catalog_texts(shipped))[0]
    # Two checkouts have two files, or each would compile again what the other did.
    path = folder / f"catalog-{crc32(bytes(shipped)):08x}.msgpack"
    # Looked at before the texts are read: one that changes meanwhile is seen by the next run.
    stamp = _stamp(shipped)
    with suppress(OSError):
        body = path.read_bytes()
        if body.startswith(stamp) and (found := unpack(memoryview(body)[len(stamp) :])):
            return found
    catalog = read_catalog(catalog_texts(shipped))[0]
    with suppress(OSError):
        _write(path, stamp + pack(catalog))
    return catalog


def cache_folder() -> Path | None:
    """Where a user's caches of labkeeper are; nowhere for a service that has no home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME", "")
    # https://specifications.freedesktop.org/basedir-spec/ : relative paths are to be ignored.
    if base.startswith("/"):
        return Path(base) / "labkeeper"
    return Path(home) / ".cache" / "labkeeper" if home.startswith("/") else None


def _stamp(shipped: Path) -> bytes:
    """What is not the same any more when a text of the catalog is not: as git knows its files.

    To read 120 texts and hash them took as long as to decode what is compiled of them. The time of
    the last change of an inode is nothing that a program can set.
    """
    return "\n".join((SHAPE, os.fspath(shipped), *sorted(_files(shipped)), "\0")).encode(
        errors="surrogateescape"
    )


def _files(shipped: Path) -> Iterator[str]:
    for folder in (shipped, shipped / "services", shipped / "exporters"):
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".yaml"):
                    now = entry.stat()
                    times = f"{now.st_mtime_ns} {now.st_ctime_ns}"
                    yield f"{entry.path} {now.st_size} {times} {now.st_dev} {now.st_ino}"


def _write(path: Path, body: bytes) -> None:
    """Puts a whole file in place, so that two runs at once never see half of one."""
    # Imported here: nearly every run finds the file and writes none.
    import tempfile  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, delete=False) as part:
        part.write(body)
    try:
        Path(part.name).replace(path)
    except OSError:
        Path(part.name).unlink(missing_ok=True)
        raise
    written = path.stat().st_mtime
    for other in path.parent.glob("catalog-*"):
        if written - other.stat().st_mtime > _OLD:
            other.unlink(missing_ok=True)
