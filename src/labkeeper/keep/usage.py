"""How full a tier is, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of a tier; `why` says why nobody knows."""

    used: int = 0
    size: int = 0
    keep_free: int = 0
    why: str = ""
    # Whether files are counted, not what their file system has left.
    is_counted: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the tier is there and answered."""
        return not self.why

    @property
    def free(self) -> int:
        """What may still be written, its reserve not counted."""
        return max(0, self.size - self.used)

    @property
    def room(self) -> int:
        """What may still be written without touching the reserve."""
        return max(0, self.free - self.keep_free)

    @property
    def ratio(self) -> float:
        """How full it is, from 0 to 1."""
        return self.used / self.size if self.size else 1.0
