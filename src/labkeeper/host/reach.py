"""Touching a file system that may hang, through a child process that can be given up."""

import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_TURN: Final = 0.1  # seconds
PATIENCE: Final = 4.0  # seconds; a typed error is promised within 5


class Silent(Exception):
    """The file system did not answer in time."""


def ask(question: Callable[[], bytes], patience: float = PATIENCE) -> bytes:
    """Return the child's answer; raise what it raised, or Silent.

    A thread inside a dead mount cannot be stopped, so the question is asked in a child.
    """
    inside, outside = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inside)
        _answer(question, outside)
    os.close(outside)
    try:
        return _listen(inside, patience)
    finally:
        os.close(inside)
        os.kill(child, signal.SIGKILL)
        # A child stuck in the kernel is left behind: waiting for it would hang us as well.
        _reap(child)


def answers(folder: Path) -> bool:
    """It says something, be it that it is not there."""

    def touch() -> bytes:
        with os.scandir(folder) as entries:
            next(entries, None)
        os.statvfs(folder)
        return b""

    try:
        ask(touch)
    except Silent:
        return False
    except OSError:
        return True
    return True


def _answer(question: Callable[[], bytes], outside: int) -> None:
    try:
        os.write(outside, b"+" + question())
    except OSError as error:
        os.write(outside, b"-%d" % (error.errno or 0))
    finally:
        os._exit(0)


def _listen(inside: int, patience: float) -> bytes:
    """Wait in short turns: one that was stopped meanwhile (Ctrl-Z) counts as a turn, not more."""
    heard = b""
    turns = round(patience / _TURN)
    poll = select.poll()  # select() knows no descriptor above 1023
    poll.register(inside, select.POLLIN)
    while True:
        if not poll.poll(_TURN * 1000):
            turns -= 1
            if turns <= 0:
                raise Silent
            continue
        piece = os.read(inside, 65536)
        if not piece:
            break
        heard += piece
    if heard.startswith(b"-"):
        code = int(heard[1:])
        raise OSError(code, os.strerror(code))
    return heard[1:]


def _reap(child: int) -> None:
    for _ in range(20):
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.005)
