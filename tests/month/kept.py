"""labkeeper as it keeps a lab, in a process of its own that believes the test's clock.

python -m tests.month.kept LAB STATE VARIANT

Whenever it has nothing to do it says so, and goes on when it is told: nobody waits for a clock.
Each message is its length and a pickled pair: `event`, `idle`.
"""

import pickle
import struct
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

from labkeeper.cli.keeping import judged, kept_of
from labkeeper.keep import loop
from labkeeper.keep.events import Event
from labkeeper.keep.loop import Keeper, Stop
from labkeeper.keep.moving import Manner
from labkeeper.keep.status import Status
from tests.month.variants import VARIANTS

HEAD = struct.Struct("=I")


class Saying:
    """Tells the test what happens."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.standing: Status | None = None

    def say(self, kind: str, what: object) -> None:
        """Send one message."""
        body = pickle.dumps((kind, what))
        self._out.write(HEAD.pack(len(body)) + body)
        self._out.flush()

    def event(self, event: Event) -> None:
        """Something happened."""
        self.say("event", event)

    def status(self, status: Status) -> None:
        """This is how it stands."""
        self.standing = status


def main(lab: str, state: str, variant: str) -> None:
    """Keep it until nobody listens any more."""
    VARIANTS[variant]()
    _, verdict = judged(Path(lab))
    kept = kept_of(verdict, "box", Path(lab))
    assert verdict.plan is not None
    saying, stop = Saying(sys.stdout.buffer), Stop()

    def sleep(_: float) -> None:
        saying.say("idle", saying.standing)
        if not sys.stdin.readline():
            stop.want()

    vars(loop)["time"] = SimpleNamespace(time=time.time, monotonic=time.monotonic, sleep=sleep)
    Keeper(verdict.plan, kept, Manner(Path(state)), saying, stop).run(None)


if __name__ == "__main__":
    main(*sys.argv[1:])
