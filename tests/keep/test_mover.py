"""The mover as a process of its own; what its children do is the test's."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import pytest

from labkeeper.host import doors, wire
from labkeeper.host.notify import Notifier
from labkeeper.keep.deciding import Go
from labkeeper.keep.events import Moved
from labkeeper.keep.hands import Order, Said, Unneeded, Unstarted
from labkeeper.keep.mover import Mover
from labkeeper.keep.remote import Remote
from labkeeper.keep.retelling import told
from labkeeper.keep.status import Doing
from labkeeper.keep.usage import Usage
from labkeeper.keep.wakes import Wakes
from labkeeper.plan import Move, Place
from labkeeper.source import Span

HERE = Span("lab.yaml", 0, 0)
LONG = 60.0
Bench: TypeAlias = tuple[Path, int]


def _act(asked: wire.Asked, out: int) -> None:
    """What a rule's name says."""
    doing = wire.line(told(Doing(asked.rule, "hot:a", "cold:a")))
    done = wire.line(told(Moved(asked.rule, "hot:a", "cold:a", "all", names=3)))
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    os.write(out, doing)
    match asked.rule:
        case "quick":
            os.write(out, done)
        case "hangs":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "long":
            while not ended:
                os.write(out, doing)
                time.sleep(0.02)
            os.write(out, wire.line(told(Moved("long", "a", "b", "all", is_stopped=True))))
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "leaves":
            # Whoever it started hangs on a disk, and holds its end of the pipe.
            if os.fork() == 0:
                time.sleep(8)
                os._exit(0)
            os.write(out, done)


@pytest.fixture
def mover(tmp_path: Path) -> Iterator[Bench]:
    """Where it listens, and its process."""
    path = tmp_path / "mover.sock"
    door = doors.made(path)
    process = os.fork()
    if process == 0:
        try:
            Mover(door, _act, lambda _: None).run(Notifier({}))
        finally:
            os._exit(0)
    door.close()
    yield path, process
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
    for _ in range(20):
        if os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(0.05)
    # One of its children hangs, as it was told to.
    for child in _children(process):
        os.kill(child, signal.SIGKILL)
    os.waitpid(process, 0)


def _children(process: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def order(name: str) -> Order:
    place = Place("hot", "/hot", HERE)
    rule = Move(name, "box", place, place, None, None, "hourly", None, HERE)
    return Order(rule, Go("all"), Usage(), None)


def until(wakes: Wakes, holds: Callable[[], object]) -> None:
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end
        wakes.wait(0.1)


def last(heard: list[Said]) -> Said | None:
    return heard[-1] if heard and not isinstance(heard[-1], Doing) else None


def talk(path: Path, *lines: bytes) -> bytes:
    """All that the mover says to somebody until it hangs up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(LONG)
        end.connect(str(path))
        with suppress(BrokenPipeError, ConnectionResetError):
            for line in lines:
                end.sendall(line)
        heard = b""
        with suppress(ConnectionResetError):
            while part := end.recv(65536):
                heard += part
        return heard


def test_an_act(mover: Bench) -> None:
    """What the child says arrives, in its order, and the last is what came of it."""
    wakes, heard = Wakes(), list[Said]()
    hands = Remote(mover[0], wakes)
    hands.begin(order("quick"), heard.append)
    until(wakes, lambda: last(heard))
    wakes.close()

    assert heard == [
        Doing("quick", "hot:a", "cold:a"), Moved("quick", "hot:a", "cold:a", "all", names=3)
    ]  # fmt: skip


def test_one_that_hangs_stops_no_other(mover: Bench) -> None:
    """While one act hangs, another begins and ends."""
    wakes, stuck, heard = Wakes(), list[Said](), list[Said]()
    hands = Remote(mover[0], wakes, to_end=0.2)
    hands.begin(order("hangs"), stuck.append)
    until(wakes, lambda: stuck)
    for _ in range(3):
        hands.begin(order("quick"), heard.append)
    until(wakes, lambda: len(heard) == 6)
    assert stuck == [Doing("hangs", "hot:a", "cold:a")]
    hands.end()
    wakes.close()

    assert last(stuck) == Unstarted("the mover does not answer")


def test_one_that_is_killed(mover: Bench) -> None:
    """It is told, and it is tried again: what came of it nobody knows."""
    wakes, heard = Wakes(), list[Said]()
    Remote(mover[0], wakes).begin(order("dies"), heard.append)
    until(wakes, lambda: last(heard))
    wakes.close()

    assert last(heard) == Unstarted("the act ended early (signal 9)")


def test_one_that_leaves_somebody_behind(mover: Bench) -> None:
    """A worker that hangs keeps nobody waiting for what was already said."""
    wakes, heard = Wakes(), list[Said]()
    Remote(mover[0], wakes).begin(order("leaves"), heard.append)
    until(wakes, lambda: last(heard))
    wakes.close()

    assert isinstance(last(heard), Moved)


def test_the_end_is_passed_on(mover: Bench) -> None:
    """An agent that ends has its act end at a safe place, and hears what came of it."""
    wakes, heard = Wakes(), list[Said]()
    hands = Remote(mover[0], wakes)
    hands.begin(order("long"), heard.append)
    until(wakes, lambda: heard)
    hands.end()
    wakes.close()

    assert last(heard) == Moved("long", "a", "b", "all", is_stopped=True)


def test_an_agent_that_is_gone(mover: Bench) -> None:
    """Nobody waits for what comes of it, so the act ends at a safe place."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.connect(str(mover[0]))
        end.sendall(wire.line(wire.Asked("act", "move", "long")))
        heard = b""
        while b'"doing"' not in heard:
            heard += end.recv(65536)
        assert len(_children(mover[1])) == 1
    wakes = Wakes()
    until(wakes, lambda: _children(mover[1]) == [])
    wakes.close()


def test_a_mover_that_is_told_to_end(mover: Bench) -> None:
    """SIGTERM ends its acts at a safe place, and who asked for them hears of it."""
    wakes, heard = Wakes(), list[Said]()
    Remote(mover[0], wakes).begin(order("long"), heard.append)
    until(wakes, lambda: heard)
    os.kill(mover[1], signal.SIGTERM)
    until(wakes, lambda: last(heard))
    wakes.close()

    assert last(heard) == Moved("long", "a", "b", "all", is_stopped=True)


@pytest.mark.parametrize("junk", [b"\n", b"hello\n", b"x" * 100_000, b'{"ask":"act"', b"[" * 9000])
def test_junk_ends_its_connection_alone(mover: Bench, junk: bytes) -> None:
    """Whoever says what is no message is told so; the mover goes on for the others."""
    heard = talk(mover[0], junk, b"\n")

    assert b'"protocol":1' in heard
    assert b"this is not understood" in heard
    assert b'"say":"moved"' in talk(mover[0], wire.line(wire.Asked("act", "move", "quick")))


def test_two_acts_over_one_connection(mover: Bench) -> None:
    """One connection is for one act, so that its end is that act's."""
    line = wire.line(wire.Asked("act", "move", "long"))

    assert b"one connection is for one act" in talk(mover[0], line, line)


def test_nobody_listens(tmp_path: Path) -> None:
    """Without a mover nothing is begun, and why is said."""
    heard: list[Said] = []
    wakes = Wakes()
    Remote(tmp_path / "none.sock", wakes).begin(order("quick"), heard.append)
    wakes.close()

    assert len(heard) == 1
    assert isinstance(heard[0], Unstarted)
    assert "no such file" in heard[0].why


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([b'{"labkeeper":"40.1","protocol":9}'], "of labkeeper 40.1"),
        ([b"SSH-2.0-OpenSSH_9.2"], "not understood"),
        ([b'{"labkeeper":"1","protocol":1}', b'{"say":"moved"}'], "not understood"),
        ([b'{"labkeeper":"1","protocol":1}'], "cut short"),
    ],
)
def test_another_mover(tmp_path: Path, lines: list[bytes], why: str) -> None:
    """One of another version, or something else at that place, is told from the mover."""
    path = tmp_path / "other.sock"
    door = doors.made(path)
    wakes, heard = Wakes(), list[Said]()
    Remote(path, wakes).begin(order("quick"), heard.append)
    end, _ = door.accept()
    end.sendall(b"\n".join(lines) + b"\n")
    end.close()
    until(wakes, lambda: heard)
    wakes.close()
    door.close()

    assert isinstance(heard[0], Unstarted)
    assert why in heard[0].why


def test_a_refusal_is_no_reason_to_ask_again(tmp_path: Path) -> None:
    """A rule that the mover's lab has not is left until its next time."""
    path = tmp_path / "refusing.sock"
    door = doors.made(path)
    wakes, heard = Wakes(), list[Said]()
    Remote(path, wakes).begin(order("quick"), heard.append)
    end, _ = door.accept()
    end.sendall(b'{"labkeeper":"1","protocol":1}\n{"say":"refused","why":"no such rule"}\n')
    until(wakes, lambda: heard)
    wakes.close()
    end.close()
    door.close()

    assert heard == [Unneeded("no such rule")]


def test_whoever_keeps_the_index_is_woken(tmp_path: Path) -> None:
    """Before an act and after it, so that none goes by what was before the last one."""
    path, seen = tmp_path / "mover.sock", tmp_path / "seen"

    def beside() -> None:
        woken: list[int] = []
        signal.signal(signal.SIGUSR1, lambda *_: woken.append(1))
        (tmp_path / "up").touch()
        while True:
            time.sleep(0.05)
            seen.write_text("!" * len(woken))

    door = doors.made(path)
    process = os.fork()
    if process == 0:
        try:
            mover = Mover(door, _act, lambda _: None)
            mover.beside(beside)
            mover.run(Notifier({}))
        finally:
            os._exit(0)
    door.close()
    wakes, heard = Wakes(), list[Said]()
    try:
        until(wakes, (tmp_path / "up").exists)
        hands = Remote(path, wakes, to_end=0.2)
        hands.begin(order("long"), heard.append)
        until(wakes, lambda: seen.exists() and seen.read_text())
        hands.end()
        until(wakes, lambda: len(seen.read_text()) >= 2)
    finally:
        wakes.close()
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
