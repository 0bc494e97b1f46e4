"""Telling the service manager how it stands with a service: sd_notify(3)."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress


class Notifier:
    """Speaks to the manager that started this process; to nobody, where none did."""

    def __init__(self, surroundings: Mapping[str, str] = os.environ) -> None:
        self._address = _address(surroundings.get("NOTIFY_SOCKET", ""))
        self._socket: socket.socket | None = None
        # A process that inherited the variable from the service is not the one that is watched.
        is_ours = surroundings.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        usec = surroundings.get("WATCHDOG_USEC", "") if is_ours else ""
        # After how long without a word the manager ends this process.
        self.limit: float | None = int(usec) / 1e6 if usec.isdecimal() and int(usec) else None
        self._status = ""

    def ready(self) -> None:
        """It is up."""
        self._send("READY=1")

    def alive(self) -> None:
        """The loop went through."""
        if self.limit is not None:
            self._send("WATCHDOG=1")

    def status(self, line: str) -> None:
        """How it stands, in a line that `systemctl status` shows."""
        if line != self._status:
            self._status = line
            self._send("STATUS=" + line.replace("\n", " "))

    def reloading(self) -> None:
        """It reads again what it was told to do; `ready` ends that."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """It ends, because it was asked to."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Say no more."""
        if self._socket is not None:
            self._socket.close()

    def _send(self, text: str) -> None:
        if self._address is None:
            return
        # A manager that is restarting hears nothing for a moment, which must not stop the work.
        with suppress(OSError):
            if self._socket is None:
                self._socket = socket.socket(
                    socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
                )
                self._socket.setblocking(False)
            self._socket.sendto(text.encode("utf-8", "backslashreplace"), self._address)


def _address(given: str) -> str | None:
    """A path, or a name in no folder, which begins with `@`; no other kind."""
    if given.startswith("@"):
        return "\0" + given[1:]
    return given if given.startswith("/") else None
