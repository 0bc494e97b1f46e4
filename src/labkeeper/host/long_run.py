"""Programs that work for minutes or days: heard while they work, and ended with us."""

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from labkeeper.host import reach
from labkeeper.host.run import Answer
from labkeeper.values import dataclass

DAY: Final = 86_400.0
_TICK: Final = 1.0
_TO_END: Final = 30.0  # seconds that a program has to release its locks
_TO_DIE: Final = 10.0
_PROBED: Final = 60.0  # seconds between two looks at the folder
_SILENCE: Final = 600.0  # a disk that sleeps wakes sooner, and so does a server that starts again
_KEPT: Final = 64 * 1024  # of what it complains of; the end says what it died of


@dataclass(frozen=True, slots=True)
class Manner:
    """How a program is run. Its secret never stands in its environment or among its words."""

    environment: Mapping[str, str]
    # What is given through an open file, and the variable that names it: `{}` is its number.
    secret: bytes = b""
    secret_in: tuple[str, str] = ("", "")
    folder: Path | None = None
    patience: float = DAY
    # A folder that it cannot do without: where that stops to answer, it is ended.
    place: Path | None = None


def run(
    command: Sequence[str],
    manner: Manner,
    hear: Callable[[str], None] = lambda _: None,
    into: int | None = None,
    out_of: int | None = None,
) -> Answer | None:
    """Run it to its end, and pass on each line of its output, or all of it `into` a file.

    It reads what is in the open file `out_of`, or nothing.

    Nothing where there is no such program; a status of none where it did not end in time.
    """
    secret = _secret(manner)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **manner.environment}
    if secret is not None:
        environment[manner.secret_in[0]] = manner.secret_in[1].format(secret)
    try:
        child = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL if out_of is None else out_of,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE if into is None else into, cwd=manner.folder, env=environment,
            pass_fds=() if secret is None else (secret,),
        )  # fmt: skip
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return None
    finally:
        if secret is not None:
            os.close(secret)
    try:
        return _listen(child, hear, manner)
    finally:
        _end(child)


def _secret(manner: Manner) -> int | None:
    if not manner.secret_in[0]:
        return None
    file = os.memfd_create("secret")
    os.write(file, manner.secret)
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _listen(child: subprocess.Popen[bytes], hear: Callable[[str], None], manner: Manner) -> Answer:
    until = time.monotonic() + manner.patience
    place = _Place(manner.place)
    complaint, rest = b"", b""
    with selectors.DefaultSelector() as both:
        for pipe in filter(None, (child.stdout, child.stderr)):
            both.register(pipe, selectors.EVENT_READ)
        while both.get_map():
            for key, _ in both.select(_TICK):
                said = os.read(key.fd, 65536)
                if not said:
                    both.unregister(key.fileobj)
                elif key.fileobj is child.stderr:
                    complaint = (complaint + said)[-_KEPT:]
                else:
                    *lines, rest = (rest + said).split(b"\n")
                    for line in lines:
                        hear(line.decode("utf-8", "replace"))
            if time.monotonic() > until:
                return Answer(None, "", "it did not end in time, and was ended")
            if place.is_dead():
                return Answer(None, "", f"its disk has not answered for {_SILENCE / 60:.0f} min")
    if rest:
        hear(rest.decode("utf-8", "replace"))
    try:
        child.wait(max(_TICK, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Answer(None, "", "it did not end in time, and was ended")
    return Answer(child.returncode, "", complaint.decode("utf-8", "replace"))


class _Place:
    """A folder that is looked at now and then."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._next = time.monotonic() + _PROBED
        self._silent_since: float | None = None

    def is_dead(self) -> bool:
        """It has not answered for so long that it is given up."""
        now = time.monotonic()
        if self._path is None or now < self._next:
            return False
        self._next = now + _PROBED
        if reach.answers(self._path):
            self._silent_since = None
            return False
        if self._silent_since is None:
            self._silent_since = now
        return now - self._silent_since >= _SILENCE


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let it tidy up first: what is killed leaves its lock in the repository."""
    if child.poll() is None:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_TO_END)
    if child.poll() is None:
        child.kill()
        # One that waits for a dead disk hears of no signal, and is left behind.
        with suppress(subprocess.TimeoutExpired):
            child.wait(_TO_DIE)
    for pipe in filter(None, (child.stdout, child.stderr)):
        pipe.close()
