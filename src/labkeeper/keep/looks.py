"""Looking at tiers: at once, or through children that are given up when a disk does not answer."""

import gc
import os
import pickle
import signal
import socket
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from labkeeper.keep.measuring import usage_of
from labkeeper.keep.usage import Usage
from labkeeper.keep.wakes import Wakes
from labkeeper.plan import Tier
from labkeeper.storage.places import look_here

_PATIENCE: Final = 4.0  # seconds, as of every look
_MOST: Final = 1 << 16  # bytes of an answer


class Look(NamedTuple):
    """What came of a look, when it began and the seconds that it took."""

    tier: str
    usage: Usage
    begun: float
    took: float


class Looks(Protocol):
    """Whoever looks."""

    def begin(self, tier: Tier) -> None:
        """Look at a tier, or have somebody look."""

    def done(self) -> list[Look]:
        """What came of the looks since it was asked the last time."""


class AtOnce:
    """Looks, and waits for the disk."""

    def __init__(self, below: Callable[[str], int] | None = None) -> None:
        self._below = below
        self._done: list[Look] = []

    def begin(self, tier: Tier) -> None:
        """Look."""
        begun = time.monotonic()
        usage = usage_of(tier, self._below)
        self._done.append(Look(tier.name, usage, begun, time.monotonic() - begun))

    def done(self) -> list[Look]:
        """All of them."""
        done, self._done = self._done, []
        return done


@dataclass
class _Child:
    tier: Tier
    process: int
    end: socket.socket
    begun: float = 0.0
    alarm: int = 0
    is_asked: bool = False


class Apart:
    """Has children look, one a tier, again and again: none of them is waited for."""

    def __init__(
        self, wakes: Wakes, below: Callable[[str], int] | None = None, patience: float = _PATIENCE
    ) -> None:  # fmt: skip
        self._wakes = wakes
        self._patience = patience
        self._below = below
        self._children: dict[str, _Child] = {}
        # Those that hang in the kernel; there is no second one beside them.
        self._stuck: dict[str, int] = {}
        self._done: list[Look] = []

    def begin(self, tier: Tier) -> None:
        """Have a child look, unless one still does."""
        now = time.monotonic()
        if tier.name in self._stuck and not _is_gone(self._stuck[tier.name]):
            self._done.append(Look(tier.name, _silent(tier), now, self._patience))
            return
        self._stuck.pop(tier.name, None)
        child = self._children.get(tier.name) or self._start(tier)
        if child.is_asked:
            return
        child.is_asked, child.begun = True, now
        child.alarm = self._wakes.at(now + self._patience, lambda: self._give_up(child))
        with suppress(OSError):  # one that has ended is seen when it is heard
            child.end.send(b"?")

    def done(self) -> list[Look]:
        """Those that answered, and those that are not waited for any more."""
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Look no more."""
        for child in list(self._children.values()):
            self._end(child)

    def _start(self, tier: Tier) -> _Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = os.fork()
        if process == 0:
            _serve(tier, self._below, theirs)
        theirs.close()
        child = self._children[tier.name] = _Child(tier, process, ours)
        self._wakes.on(ours.fileno(), lambda: self._hear(child))
        return child

    def _hear(self, child: _Child) -> None:
        words = child.end.recv(_MOST)
        took = time.monotonic() - child.begun
        if words:
            self._wakes.forget(child.alarm)
            child.is_asked = False
            # It is our own child's; nobody else can write there.
            usage: Usage = pickle.loads(words)  # noqa: S301
        else:
            self._end(child)
            usage = Usage(why=f"the look at {child.tier.path} was cut short")
        self._done.append(Look(child.tier.name, usage, child.begun, took))

    def _give_up(self, child: _Child) -> None:
        self._end(child)
        look = Look(child.tier.name, _silent(child.tier), child.begun, self._patience)
        self._done.append(look)

    def _end(self, child: _Child) -> None:
        del self._children[child.tier.name]
        self._wakes.off(child.end.fileno())
        self._wakes.forget(child.alarm)
        child.end.close()
        with suppress(ProcessLookupError):
            os.kill(child.process, signal.SIGKILL)
        if not _is_gone(child.process):
            self._stuck[child.tier.name] = child.process


def _silent(tier: Tier) -> Usage:
    return Usage(why=f"the tier {tier.path} does not answer")


def _is_gone(process: int) -> bool:
    try:
        return os.waitpid(process, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _serve(tier: Tier, below: Callable[[str], int] | None, end: socket.socket) -> None:
    """In the child: look whenever it is asked, until nobody can ask any more."""
    try:
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        # What its parent has open is not to be kept open by a child that hangs.
        for file in map(int, os.listdir("/proc/self/fd")):
            if file > 2 and file != end.fileno():
                with suppress(OSError):  # the listing's own
                    os.close(file)
        gc.freeze()
        while end.recv(1):
            end.send(pickle.dumps(usage_of(tier, below, look_here)))
    except OSError:
        pass  # nobody asks any more
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)
