"""How long files have lain untouched, as whoever keeps the index knows."""

from contextlib import suppress
from pathlib import Path

from labkeeper.keep.known import known_elsewhere
from labkeeper.storage.index import file_of, folder_at
from labkeeper.store.index import Rows
from labkeeper.store.state import Broken


def ages_elsewhere(
    state: Path, root: str, path: str, before: float
) -> tuple[int, int, float] | None:
    """Files below a folder that nobody touched since, their bytes, and when the first of them was.

    None where nobody keeps the index, or is sure of it.
    """
    if known_elsewhere(state, root, path) is None:
        return None
    with suppress(Broken, OSError):
        rows = Rows.read(file_of(state, root))
        try:
            folder = folder_at(rows, root, path)
            if folder is None:
                return None
            files, blocks, first = rows.ages(folder, int(before * 1e9))
        finally:
            rows.close()
        return files, blocks * 512, first / 1e9
    return None
