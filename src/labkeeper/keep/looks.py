"""Looking at tiers: at once, or through children that are given up when a disk does not answer."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from labkeeper.keep.measuring import usage_of
from labkeeper.keep.usage import Usage
from labkeeper.keep.wakes import Wakes
from labkeeper.plan import Tier

# Inside is a look of its own, which says within four seconds that a disk is silent.
_PATIENCE: Final = 6.0
_CHUNK: Final = 65536


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
    pipe: int
    begun: float
    alarm: int
    heard: bytes = b""


class Apart:
    """Has children look, one a tier: none of them is waited for."""

    def __init__(
        self, wakes: Wakes, below: Callable[[str], int] | None = None, patience: float = _PATIENCE
    ) -> None:  # fmt: skip
        self._wakes = wakes
        self._patience = patience
        self._below = below
        self._children: dict[str, _Child] = {}
        # Those that hang in the kernel end when it lets go of them.
        self._lost: list[int] = []
        self._done: list[Look] = []

    def begin(self, tier: Tier) -> None:
        """Have a child look, unless one still does."""
        self._reap()
        if tier.name in self._children:
            return
        inside, outside = os.pipe2(os.O_CLOEXEC)
        process = os.fork()
        if process == 0:
            os.close(inside)
            _answer(tier, self._below, outside)
        os.close(outside)
        now = time.monotonic()
        alarm = self._wakes.at(now + self._patience, lambda: self._give_up(tier.name))
        self._children[tier.name] = _Child(tier, process, inside, now, alarm)
        self._wakes.on(inside, lambda: self._hear(tier.name))

    def done(self) -> list[Look]:
        """Those that answered, and those that are not waited for any more."""
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Look no more."""
        for name in list(self._children):
            self._end(name)
        self._reap()

    def _hear(self, name: str) -> None:
        child = self._children[name]
        part = os.read(child.pipe, _CHUNK)
        child.heard += part
        if part:
            return
        self._end(name)
        usage = _usage(child.heard, child.tier)
        self._done.append(Look(name, usage, child.begun, time.monotonic() - child.begun))

    def _give_up(self, name: str) -> None:
        child = self._children[name]
        self._end(name)
        why = f"the tier {child.tier.path} does not answer"
        self._done.append(Look(name, Usage(why=why), child.begun, self._patience))

    def _end(self, name: str) -> None:
        child = self._children.pop(name)
        self._wakes.off(child.pipe)
        self._wakes.forget(child.alarm)
        os.close(child.pipe)
        with suppress(ProcessLookupError):
            os.kill(child.process, signal.SIGKILL)
        self._lost.append(child.process)

    def _reap(self) -> None:
        left = []
        for process in self._lost:
            with suppress(ChildProcessError):
                if not os.waitpid(process, os.WNOHANG)[0]:
                    left.append(process)
        self._lost = left


def _answer(tier: Tier, below: Callable[[str], int] | None, outside: int) -> None:
    """In the child: it says three numbers, or why there are none, and is gone."""
    try:
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        usage = usage_of(tier, below)
        words = f"{usage.used} {usage.size} {usage.keep_free} {usage.why}"
        os.write(outside, words.encode("utf-8", "surrogateescape"))
    finally:
        os._exit(0)


def _usage(words: bytes, tier: Tier) -> Usage:
    parts = words.decode("utf-8", "surrogateescape").split(" ", 3)
    if len(parts) < 4:
        return Usage(why=f"the look at {tier.path} was cut short")
    used, size, keep_free, why = parts
    is_counted = not why and tier.size is not None
    return Usage(int(used), int(size), int(keep_free), why, is_counted=is_counted)
