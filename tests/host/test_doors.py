import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.host import doors

_NOBODY = 65534


def test_only_owner_and_group_may_come(tmp_path: Path) -> None:
    """The socket's file lets its owner and its group in, whatever the umask is."""
    before = os.umask(0)
    try:
        door = doors.made(tmp_path / "run" / "door")
    finally:
        os.umask(before)
    door.close()

    assert (tmp_path / "run" / "door").stat().st_mode & 0o777 == 0o660


def test_a_door_that_was_left(tmp_path: Path) -> None:
    """What one that was killed left behind does not keep the next from listening."""
    doors.made(tmp_path / "door").close()
    doors.made(tmp_path / "door").close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may go through."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _seen_as(user: int, group: int, door: Path) -> None:
    """In a child: knock as somebody else."""
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.connect(str(door))
        end.recv(1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize(
    ("user", "group", "is_welcome"), [(0, 0, True), (_NOBODY, 4242, True), (_NOBODY, 4343, False)]
)
def test_who_is_welcome(open_folder: Path, user: int, group: int, is_welcome: bool) -> None:
    """Root and the door's group are; who came through some hole in its folder is not."""
    path = open_folder / "door"
    door = doors.made(path)
    os.chown(path, 0, 4242)
    path.chmod(0o666)
    child = os.fork()
    if child == 0:
        try:
            _seen_as(user, group, path)
        finally:
            os._exit(0)
    end, _ = door.accept()
    try:
        assert doors.is_welcome(end, doors.group_of(door)) is is_welcome
    finally:
        end.close()
        door.close()
        os.waitpid(child, 0)
