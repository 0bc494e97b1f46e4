"""What looks after disks."""

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class SmartdEntry:
    """A disk that smartd is to watch, or `DEVICESCAN` for all that it finds."""

    file: str
    host: str
    device: Slice
    at: Span
    # The pattern of the times of self-tests, where one is given.
    schedule: Slice | None = None

    @property
    def is_scan(self) -> bool:
        """Whether it stands for all disks, and ends the file."""
        return self.device.text == "DEVICESCAN"
