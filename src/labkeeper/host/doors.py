"""The socket that a service listens on, and who stands at its door."""

import os
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_FIRST: Final = 3  # sd_listen_fds(3)
_CREDENTIALS: Final = struct.Struct("=iII")


def given(surroundings: Mapping[str, str] = os.environ) -> socket.socket | None:
    """The socket that the service manager opened for this process; none where it opened none."""
    if surroundings.get("LISTEN_PID") != str(os.getpid()) or surroundings.get("LISTEN_FDS") != "1":
        return None
    os.set_inheritable(_FIRST, False)
    return socket.socket(fileno=_FIRST)


def made(path: Path) -> socket.socket:
    """A socket at a path: its owner and its group may speak to it."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.unlink()
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o117)
    try:
        door.bind(str(path))
    finally:
        os.umask(before)
    door.listen(16)
    return door


def group_of(door: socket.socket) -> int | None:
    """The group that a socket's own file belongs to."""
    try:
        return os.stat(door.getsockname()).st_gid
    except OSError:
        return None


def is_welcome(end: socket.socket, group: int | None) -> bool:
    """Whether the process at the other end is root's, our own user's, or of the door's group."""
    size = _CREDENTIALS.size
    _, user, own = _CREDENTIALS.unpack(end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return user in (0, os.geteuid()) or (group is not None and own == group)


def connected(path: Path) -> socket.socket:
    """A connection that never blocks."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    end.setblocking(False)
    try:
        end.connect(str(path))
    except OSError:
        end.close()
        raise
    return end
