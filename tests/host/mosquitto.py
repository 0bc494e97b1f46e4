"""A real Mosquitto on a port of its own, and what is published to it."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port
from tests.programs import program


@dataclass
class Mosquitto:
    """A broker that can be stopped, and started with what it kept."""

    folder: Path
    port: int
    lines: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = self.folder / "mosquitto.conf"
        settings.write_text(
            "\n".join(
                (
                    f"listener {self.port} 127.0.0.1", "persistence true",
                    f"persistence_location {self.folder}/", "user root",
                    *(self.lines or ("allow_anonymous true",)), "",
                )
            )
        )  # fmt: skip
        self.process = subprocess.Popen(
            [program("mosquitto"), "-c", str(settings)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(600):
            with socket.socket() as knocking:
                if knocking.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "mosquitto ended"
            time.sleep(0.05)
        raise AssertionError("mosquitto does not answer")

    def stop(self) -> None:
        """Stop it; what it keeps for whoever is away is on its disk."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def publish(self, topic: str, payload: bytes, *more: str) -> None:
        """Publish as another program does."""
        subprocess.run(
            [program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(self.port), "-q", "1",
             "-t", topic, "-s" if payload else "-n", *more],
            input=payload, check=True, timeout=60, capture_output=True,
        )  # fmt: skip


@contextmanager
def mosquitto(folder: Path, *lines: str) -> Iterator[Mosquitto]:
    """One that runs for a while."""
    program("mosquitto_pub")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    broker = Mosquitto(folder, port, lines)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
