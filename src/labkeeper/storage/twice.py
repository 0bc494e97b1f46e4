"""Names that several branches of a pool have: it shows one of each, and the others take room."""

import errno
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from labkeeper.host import files
from labkeeper.storage.tree import Tree

_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV)


def twice(branches: Sequence[str]) -> Iterator[bytes]:
    """The paths of files that more than one of these folders has; OSError where one is unread."""
    with ExitStack() as ending:
        trees = [ending.enter_context(Tree(os.fsencode(branch))) for branch in branches]
        waiting = [(b"", trees)]
        while waiting:
            at, there = waiting.pop()
            names: Counter[bytes] = Counter()
            folders: dict[bytes, list[Tree]] = {}
            for tree in there:
                for name, is_folder in _names(tree, at):
                    if is_folder:
                        folders.setdefault(name, []).append(tree)
                    else:
                        names[name] += 1
            yield from (os.path.join(at, name) for name, count in names.items() if count > 1)
            waiting.extend((os.path.join(at, n), t) for n, t in folders.items() if len(t) > 1)


def _names(tree: Tree, path: bytes) -> list[tuple[bytes, bool]]:
    try:
        folder = files.open_beneath(tree.root, path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        if error.errno in _GONE:
            return []
        raise
    try:
        with os.scandir(folder) as listing:
            return [(os.fsencode(e.name), e.is_dir(follow_symlinks=False)) for e in listing]
    finally:
        os.close(folder)
