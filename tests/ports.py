"""Ports for servers that cannot be told to choose one themselves."""

import itertools
import os
import socket
from typing import Final

# Below those that the kernel gives to whoever connects (ip_local_port_range), and of each worker
# its own: a port that was free a moment ago must not be another's when a server comes to take it.
_FIRST: Final = 20_000
_EACH: Final = 3_000
_numbers = itertools.count(os.getpid())


def free_port() -> int:
    """A port that nobody listens on, and that nobody else of these tests is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    for number in itertools.islice(_numbers, _EACH):
        port = _FIRST + worker * _EACH + number % _EACH
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
