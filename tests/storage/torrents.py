"""A real torrent client with a real torrent, without any other peer."""

import hashlib
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib import request

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import QBittorrent, Torrent
from tests.ports import free_port
from tests.programs import program

_PIECE = 65536
_CONFIG = """
[LegalNotice]
Accepted=true
[Preferences]
WebUI\\Address=127.0.0.1
WebUI\\Port={port}
WebUI\\LocalHostAuth={is_asking}
[BitTorrent]
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\Interface=lo
"""
Bencoded = int | bytes | list["Bencoded"] | dict[str, "Bencoded"]


def bencode(value: Bencoded) -> bytes:
    """Write a value as BEP 3 has it."""
    match value:
        case int():
            return b"i%de" % value
        case bytes():
            return b"%d:%s" % (len(value), value)
        case list():
            return b"l" + b"".join(map(bencode, value)) + b"e"
        case _:
            rows = sorted(value.items())
            return b"d" + b"".join(bencode(k.encode()) + bencode(v) for k, v in rows) + b"e"


def make_torrent(name: str, files: dict[str, bytes]) -> tuple[str, bytes]:
    """Make a torrent of files below a folder; return its hash and its file."""
    body = b"".join(files.values())
    pieces = [hashlib.sha1(body[i : i + _PIECE]).digest() for i in range(0, len(body), _PIECE)]
    info: dict[str, Bencoded] = {
        "name": name.encode(),
        "piece length": _PIECE,
        "pieces": b"".join(pieces),
        "files": [{"length": len(b), "path": [n.encode()]} for n, b in files.items()],
    }
    hash_ = hashlib.sha1(bencode(info)).hexdigest()
    return hash_, bencode({"info": info, "announce": b"http://127.0.0.1:1/none"})


@dataclass(frozen=True)
class Server:
    """A running qBittorrent."""

    url: str
    client: QBittorrent

    def add(self, torrent: bytes, folder: Path) -> None:
        """Have it share a torrent of which the files are in a folder already."""
        edge = uuid.uuid4().hex
        head = f"--{edge}\r\nContent-Disposition: form-data; name="
        body = (
            f'{head}"savepath"\r\n\r\n{folder}\r\n{head}"torrents"; filename="t.torrent"\r\n'
            "Content-Type: application/x-bittorrent\r\n\r\n"
        ).encode()
        body += torrent + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        asked = request.Request(f"{self.url}/api/v2/torrents/add", body, kind)
        with request.urlopen(asked, timeout=10) as answer:
            assert answer.read() == b"Ok."

    def until(self, hash_: str, *states: str) -> Torrent:
        """Wait until a torrent is in one of these states."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            torrent = self.client.torrent(hash_)
            if torrent is not None and torrent.state in states:
                return torrent
            time.sleep(0.05)
        raise AssertionError(f"never {states}: {torrent}")


@contextmanager
def running(profile: Path, *, is_asking: bool = False) -> Iterator[Server]:
    """Run a qBittorrent of its own."""
    port = free_port()
    config = profile / "qBittorrent" / "config" / "qBittorrent.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIG.format(port=port, is_asking=str(is_asking).lower()))
    command = [program("qbittorrent-nox"), f"--profile={profile}"]
    url = f"http://127.0.0.1:{port}"
    with (profile / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        client = QBittorrent(url, None)
        _until_up(client, is_asking=is_asking)
        yield Server(url, client)
    finally:
        process.terminate()
        process.wait(30)


def _until_up(client: QBittorrent, *, is_asking: bool) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            client.enter()
        except Unanswered as unanswered:
            if is_asking and "does not let" in unanswered.why:
                return
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
