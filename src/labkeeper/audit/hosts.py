"""Which host a file is for, where the folders say so."""

import posixpath
from itertools import pairwise
from typing import Final

# Folders that hold one folder a host. Without one, all files are taken to be for one host.
_FOLDERS: Final = frozenset({"hosts", "machines"})


def host_of(file: str) -> str:
    """The host's name; empty for the one host of a folder that names none."""
    parts = posixpath.dirname(file).split("/")
    for above, name in pairwise(parts):
        if above in _FOLDERS:
            return name
    return ""
