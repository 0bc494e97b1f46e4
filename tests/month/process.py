"""The process that keeps the lab, seen from the test: told to go on, heard, stopped, killed."""

import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeAlias

from labkeeper.keep.events import Event
from labkeeper.keep.status import Status
from tests.month.kept import HEAD

_ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 120.0
Message: TypeAlias = tuple[Literal["idle"], Status | None] | tuple[Literal["event"], Event]


class Keeping:
    """One life of it."""

    def __init__(
        self, lab: Path, state: Path, variant: str, environment: Mapping[str, str]
    ) -> None:  # fmt: skip
        path = {"PYTHONPATH": f"{_ROOT}:{_ROOT / 'src'}"}
        self._said = lab.parent / "log"
        self._log = self._said.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.month.kept", str(lab), str(state), variant],
            cwd=_ROOT, env={**os.environ, **environment, **path}, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, bufsize=0,
        )  # fmt: skip
        self._rest = b""
        self.status: Status | None = None

    def go(self) -> None:
        """Let it look again."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")

    def heard(self, patience: float = _PATIENCE) -> tuple[list[Event], bool]:
        """What it says until it has nothing to do, and whether it came to that in time."""
        events: list[Event] = []
        while True:
            message = self._message(patience)
            if message is None:
                return events, False
            if message[0] == "idle":
                self.status = message[1]
                return events, True
            events.append(message[1])

    def stand(self) -> None:
        """Stop it with all that it started, at whatever it does."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """End it and all that it started at once; its watcher has a session of its own."""
        started = _started_by(self._process.pid)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for process in started:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._close()

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(_PATIENCE)
        self._close()

    def _close(self) -> None:
        self._process.wait(_PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            assert pipe is not None
            pipe.close()

    def _message(self, patience: float) -> Message | None:
        """The next; none where it took too long."""
        assert self._process.stdout is not None
        while not self._is_whole():
            if not select.select([self._process.stdout], [], [], patience)[0]:
                return None
            part = os.read(self._process.stdout.fileno(), 1 << 16)
            if not part:
                raise AssertionError(f"it ended by itself: {self._said.read_text()[-3000:]}")
            self._rest += part
        size = HEAD.unpack_from(self._rest)[0]
        body, self._rest = self._rest[4 : 4 + size], self._rest[4 + size :]
        message: Message = pickle.loads(body)
        return message

    def _is_whole(self) -> bool:
        return len(self._rest) >= 4 and len(self._rest) >= 4 + HEAD.unpack_from(self._rest)[0]


def _started_by(process: int) -> list[int]:
    """Every process below one."""
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, file.read_text().split()):
                found += [child, *_started_by(child)]
    return found
