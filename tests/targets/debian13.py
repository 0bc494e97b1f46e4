"""Programs of Debian 13, where the machine has older ones."""

import os
from pathlib import Path

import pytest

# The session's caches are its own: these are fetched by hand, or by .ci/run.
_FETCHED = Path.home() / ".cache/labkeeper/debian-13/root"


def debian13(package: str, path: str) -> str:
    """A program of Debian 13; without it a test is skipped, but never where all must run."""
    found = Path(os.environ.get("LK_DEBIAN13") or _FETCHED) / path
    if found.is_file():
        return str(found)
    if os.environ.get("CI") == "true":
        pytest.fail(f"{path} of Debian 13 is missing: .ci/run fetches {package}")
    pytest.skip(f"{path} of Debian 13 is not here: `scripts/debian13 {package}` fetches it")
