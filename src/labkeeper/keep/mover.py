"""The mover: takes the names of rules at its door, and has a child act by each.

It touches no tier itself. A disk that hangs holds the child that works on it, and nobody else.
"""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from labkeeper import VERSION
from labkeeper.host import doors, wire
from labkeeper.host.lines import Lines, TooLong
from labkeeper.host.notify import Notifier
from labkeeper.keep.children import Child
from labkeeper.keep.wakes import Wakes

# What a child does: it is given what was asked, and where it says what comes of it.
Work = Callable[[wire.Asked, int], None]

_MOST_CALLERS: Final = 16
_TO_ASK: Final = 10.0  # seconds that somebody at the door has to say what they want
_TO_END: Final = 60.0  # and that an act has to come to a safe place
_TICK: Final = 10.0


class _Caller:
    """Somebody at the door, and the act that they asked for."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.child: Child | None = None
        self.alarm = 0
        self.is_leaving = False


class Mover:
    """Takes what is asked for, and passes on what comes of it."""

    def __init__(self, door: socket.socket, work: Work, say: Callable[[str], None]) -> None:
        self._door = door
        self._group = doors.group_of(door)
        self._work = work
        self._say = say
        self._wakes = Wakes()
        self._callers: list[_Caller] = []
        self._children: list[Child] = []
        # Those that act for the mover itself, as whoever keeps the index; they are started anew.
        self._own: dict[Child, Callable[[], None]] = {}
        self._is_over = False
        # A child that was not yet told what to do with it must not end by it.
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    def beside(self, work: Callable[[], None]) -> None:
        """Have a child do this for as long as the mover runs."""
        child = self._fork(lambda _: work())
        self._own[child] = work
        self._wakes.on(child.pipe, partial(self._ended_beside, child, time.monotonic()))

    def run(self, notifier: Notifier) -> None:
        """Until somebody ends it."""
        self._wakes.heed_signals()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._end)
        # Acts read the lab anew each; whoever keeps the index does when it is started anew.
        signal.signal(signal.SIGHUP, self._again)
        # That a child has ended ends a wait.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._door.setblocking(False)
        self._wakes.on(self._door.fileno(), self._open)
        notifier.ready()
        while not self._is_over:
            notifier.alive()
            notifier.status(self._standing())
            self._wakes.wait(min(_TICK, (notifier.limit or _TICK * 2) / 2))
            for caller in list(self._callers):
                self._bury(caller)
        notifier.stopping()
        self._close()

    def _standing(self) -> str:
        rules = [child.name for child in self._children if child not in self._own]
        return f"acts by {', '.join(rules)}" if rules else "waits for the agent"

    def _end(self, *_: object) -> None:
        self._is_over = True

    def _again(self, *_: object) -> None:
        for child in self._own:
            child.end()

    def _open(self) -> None:
        with suppress(OSError):
            end, _ = self._door.accept()
            self._greet(end)

    def _greet(self, end: socket.socket) -> None:
        lines = Lines(end, wire.MOST_ASKED)
        if not doors.is_welcome(end, self._group):
            self._say("somebody who is neither root nor the agent was at the door")
            lines.say(wire.line(wire.Said("refused", "the mover does not act for this user")))
            lines.close()
            return
        lines.say(wire.line(wire.Greeting(VERSION, wire.PROTOCOL)))
        if len(self._callers) >= _MOST_CALLERS:
            lines.say(wire.line(wire.Said("busy", "too many ask the mover at once")))
            lines.close()
            return
        caller = _Caller(lines)
        self._callers.append(caller)
        caller.alarm = self._wakes.at(
            time.monotonic() + _TO_ASK, lambda: self._refuse(caller, "nothing was asked")
        )
        self._wakes.on(lines.fileno(), partial(self._hear, caller))

    def _hear(self, caller: _Caller) -> None:
        if caller.lines.is_waiting:
            caller.lines.say(b"")
            self._wait_for(caller)
        try:
            for text in caller.lines.hear():
                self._take(caller, wire.asked(text))
        except (wire.Junk, TooLong) as error:
            self._say(f"the agent asks what is not understood: {error}")
            self._refuse(caller, "this is not understood")
        if caller in self._callers and caller.lines.is_over:
            self._leave(caller)

    def _take(self, caller: _Caller, asked: wire.Asked) -> None:
        if caller not in self._callers:
            return
        if asked.ask == "end":
            if caller.child is not None:
                caller.child.end()
            return
        if caller.child is not None:
            self._refuse(caller, "one connection is for one act")
            return
        self._wakes.forget(caller.alarm)
        child = self._fork(lambda out: self._work(asked, out))
        child.name = asked.rule
        self._wake()
        caller.child = child
        self._wakes.on(child.pipe, partial(self._pass_on, caller, child))

    def _pass_on(self, caller: _Caller, child: Child) -> None:
        for line in child.hear():
            # Nobody who does not listen has it kept how far an act was a while ago.
            is_old = caller.lines.is_waiting and line.startswith(b'{"say":"doing"')
            if not is_old:
                caller.lines.say(line + b"\n")
        if child.has_said_all:
            caller.child, caller.is_leaving = None, True
            self._wake()
        if child.is_over:
            self._over(caller, child)
        self._wait_for(caller)

    def _bury(self, caller: _Caller) -> None:
        """It was killed; whoever it had started hangs, and holds what it would have said."""
        if caller.child is None or not caller.child.is_gone():
            return
        self._pass_on(caller, caller.child)
        if caller.child is not None:
            self._over(caller, caller.child)
            self._wait_for(caller)

    def _wake(self) -> None:
        """Before an act and after it, whoever keeps the index looks: it is what acts go by."""
        for child in self._own:
            child.wake()

    def _over(self, caller: _Caller, child: Child) -> None:
        self._wakes.off(child.pipe)
        self._children.remove(child)
        child.close()
        if not child.has_said_all:
            why = f"the act ended early ({child.fate()})"
            self._say(f"`{child.name}`: {why}")
            caller.lines.say(wire.line(wire.Said("busy", why)))
            caller.child, caller.is_leaving = None, True

    def _wait_for(self, caller: _Caller) -> None:
        """Go on when it can hear more, or be done with it."""
        if caller not in self._callers:
            return
        if caller.is_leaving and not caller.lines.is_waiting:
            self._leave(caller)
            return
        hear = partial(self._hear, caller)
        self._wakes.on(caller.lines.fileno(), hear, writes=caller.lines.is_waiting)

    def _refuse(self, caller: _Caller, why: str) -> None:
        caller.lines.say(wire.line(wire.Said("refused", why)))
        self._leave(caller)

    def _leave(self, caller: _Caller) -> None:
        """Nobody waits for what comes of it: it ends at a safe place, and goes on another time."""
        if caller not in self._callers:
            return
        self._callers.remove(caller)
        self._wakes.forget(caller.alarm)
        self._wakes.off(caller.lines.fileno())
        caller.lines.close()
        if caller.child is not None:
            caller.child.end()

    def _fork(self, work: Callable[[int], None]) -> Child:
        child = Child.start(work, self._let_go)
        self._children.append(child)
        return child

    def _let_go(self) -> None:
        """In a child: none of this is its own."""
        self._wakes.close()
        self._door.close()
        for caller in self._callers:
            caller.lines.close()
        for child in self._children:
            os.close(child.pipe)

    def _ended_beside(self, child: Child, since: float) -> None:
        child.hear()
        if not child.is_over:
            return
        self._wakes.off(child.pipe)
        self._children.remove(child)
        work = self._own.pop(child)
        child.close()
        if self._is_over:
            return
        # One that ends at once is not started as fast as it ends.
        pause = 1.0 if time.monotonic() - since > _TO_END else _TO_END
        self._wakes.at(time.monotonic() + pause, lambda: self.beside(work))

    def _close(self) -> None:
        """Have every act end at a safe place, and tell who asked for it."""
        self._wakes.off(self._door.fileno())
        for child in self._children:
            child.end()
        until = time.monotonic() + _TO_END
        while time.monotonic() < until and not all(c.is_gone() for c in self._children):
            self._wakes.wait(1.0)
        for caller in list(self._callers):
            self._bury(caller)
        for child in self._children:
            child.kill()
        for caller in list(self._callers):
            self._leave(caller)
        self._wakes.close()
