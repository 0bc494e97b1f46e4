"""A child that is asked again and again, and left where it does not answer."""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labkeeper.host.errand import Errand


def counting() -> Callable[[], tuple[int, int]]:
    """Who answers, and how often it did."""
    answers: list[int] = []

    def answer() -> tuple[int, int]:
        answers.append(1)
        return os.getpid(), len(answers)

    return answer


def answered(errand: Errand[tuple[int, int]]) -> tuple[int, int]:
    errand.send()
    said = errand.back(60)
    assert said is not None
    return said


def test_it_remembers() -> None:
    """One child answers every time, and knows what it did; nothing is there before it is asked."""
    errand = Errand(counting, 60)
    assert errand.back() is None
    first, second = answered(errand), answered(errand)
    errand.end()

    assert first[0] == second[0] != os.getpid()
    assert (first[1], second[1]) == (1, 2)
    assert not Path(f"/proc/{first[0]}").exists()


def test_it_is_given_up() -> None:
    """One that does not answer is ended when its time is over; the next question has another."""
    errand = Errand(counting, 0.5)
    child, _ = answered(errand)
    os.kill(child, signal.SIGSTOP)
    errand.send()
    with pytest.raises(TimeoutError):
        while errand.back(0.05) is None:
            assert errand.is_away

    assert not errand.is_away
    assert not Path(f"/proc/{child}").exists()
    assert answered(errand)[1] == 1
    errand.end()


def test_it_ended() -> None:
    """One that somebody killed is seen at once."""
    errand = Errand(counting, 60)
    child, _ = answered(errand)
    os.kill(child, signal.SIGKILL)
    begun = time.monotonic()
    errand.send()
    with pytest.raises(TimeoutError):
        errand.back(60)

    assert time.monotonic() - begun < 50


def test_it_holds_no_lock(tmp_path: Path) -> None:
    """What its parent had locked when it began is free when the parent lets go of it."""
    errand = Errand(counting, 60)
    with (tmp_path / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        answered(errand)
    with (tmp_path / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    errand.end()
