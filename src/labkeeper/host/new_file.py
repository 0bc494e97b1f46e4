"""Writing a file that nobody has yet, or keeping the one that is there."""

import os
import tempfile
from pathlib import Path
from typing import Final

_MOST_KEPT: Final = 10_000


def create(path: Path, text: str) -> None:
    """Puts a whole file in place; raises FileExistsError where anything is there already."""
    part = _beside(path, text)
    try:
        # A link, unlike a rename, never replaces.
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        _exclusively(path, text)
    finally:
        part.unlink(missing_ok=True)


def keep_aside(path: Path) -> Path:
    """Gives what is there another name, `lab.yaml.1`, which nothing has yet."""
    for number in range(1, _MOST_KEPT):
        kept = path.with_name(f"{path.name}.{number}")
        try:
            # Made first, so that no two runs take the same name; the rename then fills it.
            kept.touch(exist_ok=False)
        except FileExistsError:
            continue
        path.rename(kept)
        return kept
    raise FileExistsError(f"{path.name}.1 to {path.name}.{_MOST_KEPT - 1} are all taken")


def _beside(path: Path, text: str) -> Path:
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as part:
        part.write(text.encode())
        part.flush()
        os.fsync(part.fileno())
        # What mkstemp makes is for its owner alone; a lab holds no secrets.
        os.fchmod(part.fileno(), 0o666 & ~_umask())
        return Path(part.name)


def _exclusively(path: Path, text: str) -> None:
    """Where a file system knows no links."""
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
