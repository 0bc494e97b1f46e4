"""The folder that is looked at, as a value: every text in it, and what was passed over."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache

from labkeeper.source import Span
from labkeeper.values import dataclass, regex


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a part of one, that was not judged, and why."""

    file: str
    reason: str
    at: Span | None = None
    # Whether labkeeper left it alone on purpose, so that nothing is wrong with it.
    meant: bool = False


# Compared by identity, so that what was worked out from it can be kept for it.
@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """Texts by path, relative and with `/`; `others` are files that exist but hold no such text."""

    texts: Mapping[str, str]
    others: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    # Folders, so that an empty one still exists.
    folders: frozenset[str] = field(default_factory=frozenset)
    # By host, what its NixOS configuration comes to, where Nix was asked: JSON.
    evaluated: Mapping[str, str] = field(default_factory=dict)
    # By Caddyfile, what it comes to, where Caddy was asked: JSON.
    adapted: Mapping[str, str] = field(default_factory=dict)

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder of that name."""
        path = posixpath.normpath(path)
        return path in self.texts or path in self.others or path in self.folders or path == "."

    def text(self, path: str) -> str | None:
        """The text of the file at `path`, where it is one."""
        return self.texts.get(posixpath.normpath(path))

    def beside(self, file: str, path: str) -> str:
        """What `path` means when it is written in `file`."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(file), path))

    def matching(self, pattern: str) -> Iterator[str]:
        """The texts whose path fits a shell pattern in which `*` stays within a folder."""
        wanted = _pattern(posixpath.normpath(pattern))
        return (path for path in self.texts if wanted.fullmatch(path))


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> "re.Pattern[str]":
    words = {"*": "[^/]*", "?": "[^/]"}
    return regex("".join(words.get(part, re.escape(part)) for part in pattern))
