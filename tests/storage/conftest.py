"""Two folders on two file systems, so that a move has to copy."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")


@pytest.fixture
def hot(tmp_path: Path) -> Path:
    folder = tmp_path / "hot"
    folder.mkdir()
    return folder


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than `hot`."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-test-", dir=_MEMORY))
    if os.stat(folder).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("the temporary folder is on /dev/shm as well: no second file system here")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"
