"""Which files are due: what nobody wrote to for so long, and what an app is done with."""

import time
from collections.abc import Iterable
from typing import Final

from labkeeper.storage.withheld import upwards
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Due:
    """A moment before which it was last written to, paths that are done; of both, one is enough."""

    before: float | None = None
    finished: frozenset[bytes] | None = None

    @classmethod
    def of(cls, older_than: float | None, finished: frozenset[bytes] | None) -> "Due":
        """From now."""
        return cls(None if older_than is None else time.time() - older_than, finished)

    def is_due(self, paths: Iterable[bytes], mtime_ns: int) -> bool:
        """Whether a file goes now, which has these names."""
        if self.before is None and self.finished is None:
            return True
        if self.before is not None and mtime_ns <= self.before * 1e9:
            return True
        done = self.finished or frozenset()
        return any(above in done for path in paths for above in upwards(path))


ALWAYS: Final = Due()
