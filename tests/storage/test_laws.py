"""Laws that hold for any tree: there and back is identity, and a second move has nothing to do."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.storage.scan import INCOMPLETE
from tests.storage.solo import move_here

_NAMES = st.binary(min_size=1, max_size=6).filter(
    lambda n: (
        b"/" not in n
        and b"\0" not in n
        and n not in (b".", b"..")
        # A name that says "incomplete" is left, as it should be: hypothesis found `.!qB` by itself.
        and not n.endswith(INCOMPLETE)
    )
)
_SIZES = st.one_of(st.integers(0, 9000), st.sampled_from([1 << 20, (1 << 20) + 4097]))
_ENTRIES = st.dictionaries(
    st.lists(_NAMES, min_size=1, max_size=3).map(tuple),
    st.tuples(st.sampled_from(["file", "link", "hard", "folder"]), _SIZES, st.integers(0, 0o777)),
    max_size=7,
)


@pytest.fixture(autouse=True)
def copies() -> Iterator[None]:
    """One mount, told to copy all the same."""
    with mock.patch("labkeeper.storage.origins._is_one_mount", lambda *_: False):
        yield


def plant(root: bytes, entries: dict[tuple[bytes, ...], tuple[str, int, int]]) -> None:
    """Make what fits of a drawn tree."""
    first: bytes | None = None
    for number, (parts, (kind, size, mode)) in enumerate(entries.items()):
        path = os.path.join(root, *parts)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            match kind:
                case "link":
                    os.symlink(b"to/nowhere", path)
                case "hard" if first is not None:
                    os.link(first, path)
                case "folder":
                    os.mkdir(path)
                case _:
                    with open(path, "xb") as file:
                        file.write(os.urandom(size))
                    os.chmod(path, mode | 0o600)
                    first = first or path
            os.utime(path, ns=(number, 10**18 + number), follow_symlinks=False)
        except OSError:
            continue  # a name that is taken, or is a file where a folder should be


def picture(root: bytes) -> dict[bytes, tuple[object, ...]]:
    """Everything that a move has to keep."""
    seen: dict[bytes, tuple[object, ...]] = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(folder, name)
            look = os.lstat(path)
            body: object = None
            if os.path.islink(path):
                body = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    body = file.read()
            links = look.st_nlink if not os.path.isdir(path) else 0
            seen[os.path.relpath(path, root)] = (look.st_mode, look.st_mtime_ns, links, body)
    return seen


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(entries=_ENTRIES)
def test_there_and_back_is_identity(entries: dict[tuple[bytes, ...], tuple[str, int, int]]) -> None:
    """Bytes, names, modes, times, links and folders are the same after a move there and back."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as top:
        hot, cold, state = (Path(top) / name for name in ("hot", "cold", "state"))
        hot.mkdir()
        cold.mkdir()
        plant(os.fsencode(hot), entries)
        before = picture(os.fsencode(hot))
        for here, there in ((hot, cold), (cold, hot)):
            _, report = move_here(state, f"{here}/", there, is_patient=False)

            assert report.left == []
            assert picture(os.fsencode(here)) == {}
            assert picture(os.fsencode(there)) == before
        _, report = move_here(state, f"{cold}/", hot, is_patient=False)

        assert report.files == 0
