"""What is heard while a lab is kept: served to Prometheus, and written down for `status`."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from labkeeper import VERSION
from labkeeper.host import process
from labkeeper.host.exposing import Exposer
from labkeeper.keep.events import Event
from labkeeper.keep.gathering import Gathering
from labkeeper.keep.loop import Ears
from labkeeper.keep.status import Status
from labkeeper.keep.stood import Stood, encoded
from labkeeper.metrics.series import page

FILE: Final = "status.json"
# Prometheus asks each 15 s or more seldom, people not at all.
_SHOW_EVERY: Final = 5.0
_WRITE_EVERY: Final = 15.0


class Telemetry:
    """Ears that pass on what they hear; without a door nothing is served."""

    def __init__(
        self, ears: Ears, gathering: Gathering, door: Exposer | None, own: tuple[Path, str]
    ) -> None:  # fmt: skip
        self._ears = ears
        self._gathering = gathering
        self._door = door
        self._folder, self._who = own
        self._show_at = self._write_at = 0.0

    def event(self, event: Event) -> None:
        """Something happened."""
        self._gathering.event(event)
        self._show_at = self._write_at = 0.0
        self._ears.event(event)

    def status(self, status: Status) -> None:
        """This is how it stands."""
        self._ears.status(status)
        now = time.monotonic()
        if self._door is not None and now >= self._show_at:
            self._door.show(page(self._gathering.look(status), VERSION))
            self._show_at = time.monotonic() + _SHOW_EVERY
        if now >= self._write_at:
            self._write(status)
            self._write_at = time.monotonic() + _WRITE_EVERY

    def close(self) -> None:
        """It ends as it was asked to: what is left behind by one that did not says so."""
        with suppress(OSError):
            (self._folder / FILE).unlink(missing_ok=True)

    def _write(self, status: Status) -> None:
        """Whole or not at all; that it cannot be written stops nothing."""
        stood = Stood(time.time(), self._gathering.began, process.this(), self._who, status)
        part = self._folder / f"{FILE}.part"
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_text(encoded(stood), "utf-8")
            part.replace(self._folder / FILE)
