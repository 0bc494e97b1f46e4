"""labkeeper as it keeps a lab, in a process of its own that believes the test's clock.

python -m tests.month.kept LAB STATE VARIANT

Whenever it has nothing to do it says so, and goes on when it is told: nobody waits for a clock.
Each message is its length and a pickled pair: `event`, `idle`.
"""

import pickle
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from labkeeper.cli.keeping import judged, kept_of
from labkeeper.keep.events import Event
from labkeeper.keep.hands import Hear, Order
from labkeeper.keep.local import Local, senses_here
from labkeeper.keep.loop import Keeper
from labkeeper.keep.moving import Manner
from labkeeper.keep.status import Status
from labkeeper.keep.stopping import Stop
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

    manner = Manner(Path(state))
    senses = senses_here(verdict.plan, kept, manner.state)
    hands = _Hands(Local(verdict.plan, kept, manner, stop), saying, stop)
    Keeper(senses, hands, saying, stop).run(None)


class _Hands:
    """Those of labkeeper itself, which ask how to go on in place of waiting for a time."""

    def __init__(self, real: Local, saying: Saying, stop: Stop) -> None:
        self._real = real
        self._saying = saying
        self._stop = stop

    def begin(self, order: Order, hear: Hear) -> None:
        """Do it."""
        self._real.begin(order, hear)

    def wait(self, _: float) -> None:
        """There is nothing to do until somebody says so."""
        self._saying.say("idle", self._saying.standing)
        if not sys.stdin.readline():
            self._stop.want()

    def end(self) -> None:
        """Nothing is under way."""
        self._real.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
