"""The catalog from the user's cache, where it was compiled before; compiled anew where not."""

import os
from contextlib import suppress
from pathlib import Path

from labkeeper.catalog import Catalog, catalog_texts, content_key, pack, read_catalog, unpack


def load_catalog(cache: Path | None = None) -> Catalog:
    """The shipped catalog. A cache that cannot be read or written costs time, nothing else."""
    texts = catalog_texts()
    folder = cache or cache_folder()
    if folder is None:
        return read_catalog(texts)[0]
    path = folder / f"catalog-{content_key(texts)}.msgpack"
    with suppress(OSError):
        if found := unpack(path.read_bytes()):
            return found
    catalog = read_catalog(texts)[0]
    with suppress(OSError):
        _write(path, pack(catalog))
    return catalog


def cache_folder() -> Path | None:
    """Where a user's caches of labkeeper are; nowhere for a service that has no home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME", "")
    # https://specifications.freedesktop.org/basedir-spec/ : relative paths are to be ignored.
    if base.startswith("/"):
        return Path(base) / "labkeeper"
    return Path(home) / ".cache" / "labkeeper" if home.startswith("/") else None


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
    for old in path.parent.glob("catalog-*.msgpack"):
        if old != path:
            old.unlink(missing_ok=True)
