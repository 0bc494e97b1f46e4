import os
import socket
from pathlib import Path

import pytest

from labkeeper.host.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> "tuple[socket.socket, str]":
    """A service manager's end of it, and what it puts into the variable."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    name = str(tmp_path / "notify") if request.param == "path" else f"@lk-{os.getpid()}-notify"
    end.bind(name.replace("@", "\0"))
    end.settimeout(30)
    request.addfinalizer(end.close)
    return end, name


def test_what_is_told(manager: tuple[socket.socket, str]) -> None:
    """READY, a pulse, a status that is told once, and STOPPING come in that order."""
    end, name = manager
    told = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000"})
    told.ready()
    told.alive()
    told.status("hot 60 %")
    told.status("hot 60 %")
    told.status("two\nlines")
    told.stopping()
    told.close()

    heard = [end.recv(1024).decode() for _ in range(5)]

    assert heard == ["READY=1", "WATCHDOG=1", "STATUS=hot 60 %", "STATUS=two lines", "STOPPING=1"]
    assert told.limit == 3.0


def test_nobody_listens(tmp_path: Path) -> None:
    """Without a manager, or with one that is gone, nothing is said and nothing fails."""
    for given in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"NOTIFY_SOCKET": "vsock:2:1"}):
        told = Notifier(given)
        told.ready()
        told.status("it works")
        told.close()


def test_the_pulse_of_another(manager: tuple[socket.socket, str]) -> None:
    """A process that only inherited the variables has no pulse to give."""
    end, name = manager
    others = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}
    told = Notifier(others)
    told.alive()
    told.ready()
    told.close()

    assert end.recv(1024) == b"READY=1"
    assert told.limit is None
