"""The same folder under two names: that of a container, and that of its host."""

import os
from collections.abc import Sequence

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class PathMap:
    """A folder as a program names it, in its container, and as this host does."""

    there: str
    here: str

    def to_here(self, path: str) -> str | None:
        """Return the host's path."""
        return _swap(path, self.there, self.here)

    def to_there(self, path: str) -> str | None:
        """Return the program's path."""
        return _swap(path, self.here, self.there)


@dataclass(frozen=True, slots=True)
class Maps:
    """All folders of one program; the longest that fits is the one that counts.

    What is in none of them is in the container alone, and has no path here; a program without a
    container has no maps, and its paths are the host's.
    """

    every: tuple[PathMap, ...] = ()

    def here(self, path: str) -> str | None:
        """Return the host's path of one of the program's."""
        return self._first(path, is_here=True)

    def there(self, path: str) -> str | None:
        """Return the program's path of one of the host's."""
        return self._first(path, is_here=False)

    def _first(self, path: str, *, is_here: bool) -> str | None:
        plain = normal(path)
        if not self.every:
            return plain
        sides = sorted(self.every, key=lambda m: len(m.there if is_here else m.here), reverse=True)
        found = (m.to_here(plain) if is_here else m.to_there(plain) for m in sides)
        first = next((each for each in found if each is not None), None)
        return None if first is None else normal(first)


def normal(path: str) -> str:
    """A path without `..`, doubled or last slashes."""
    plain = os.path.normpath(path)
    return plain[1:] if plain.startswith("//") else plain


def over(path: str, folders: Sequence[str]) -> str | None:
    """The deepest folder of some that a path lies in."""
    inside = [each for each in folders if path == each or path.startswith(each.rstrip("/") + "/")]
    return max(inside, key=len, default=None)


def _swap(path: str, old: str, new: str) -> str | None:
    old, new = old.rstrip("/"), new.rstrip("/")
    if path == old:
        return new or "/"
    return new + path[len(old) :] if path.startswith(old + "/") else None
