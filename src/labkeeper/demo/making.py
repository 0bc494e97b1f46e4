"""Making the demo's folder, or finding it as an earlier demo left it."""

import json
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labkeeper.demo.texts import texts

MIB: Final = 1 << 20
# Written last: a folder that has it is whole.
_MARK: Final = "demo.json"
_NEEDED: Final = 400 * MIB
# Below hot/: films that are complete. `Seeded` is shared, and `Collision` and `Twice` are in cold/
# already: one with another content, one with the same.
FILMS: Final = {
    "Harbour (2021)/Harbour.mkv": 24 * MIB,
    "Lanterns (2019)/Lanterns.mkv": 20 * MIB,
    "Seeded (2020)/Seeded.mkv": 16 * MIB,
    "Collision (1999)/Collision.mkv": 8 * MIB,
    "Twice (2012)/Twice.mkv": 8 * MIB,
}
_LINK: Final = ("Harbour (2021)/Harbour.mkv", "Harbour (2021)/Harbour - the same file.mkv")
_SMALL: Final = tuple(f"Small Hours (2023)/subtitles/{n:03}.srt" for n in range(60))
_SMALL_SIZE: Final = 64 << 10
_OLD: Final = tuple(f"transcode-{n}.ts" for n in range(1, 5))
_OLD_SIZE: Final = 8 * MIB


class NoDemo(Exception):
    """The demo cannot be made, and what to do about it."""

    def __init__(self, message: str, help_: str) -> None:
        super().__init__(message)
        self.help = help_


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo's folder, the port of its client, and whether it was there before."""

    folder: Path
    port: int
    is_old: bool


def demo_in(given: str | None) -> Demo:
    """Make a demo in a folder, or find it there again; without one, in a new temporary folder."""
    if given is None:
        folder = Path(tempfile.mkdtemp(prefix="labkeeper-demo-"))
    else:
        folder = Path(given).absolute()
        if (folder / _MARK).is_file():
            return Demo(folder, _port_of(folder), is_old=True)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise NoDemo(
                f"`{folder}` is not empty, and is no demo of labkeeper's",
                "name a folder that is empty or not there yet, or none",
            )
        folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < _NEEDED:
        raise NoDemo(
            f"`{folder}` has {free // MIB} MiB free; the demo needs {_NEEDED // MIB}",
            "name a folder on another disk: labkeeper up --demo DIR",
        )
    port = _free_port()
    _fill(folder.resolve(), port)
    return Demo(folder.resolve(), port, is_old=False)


def _port_of(folder: Path) -> int:
    try:
        return int(json.loads((folder / _MARK).read_text())["port"])
    except (ValueError, KeyError, TypeError, OSError):
        raise NoDemo(
            f"`{folder / _MARK}` cannot be read", "remove the folder, begin anew"
        ) from None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _fill(folder: Path, port: int) -> None:
    for name, text in texts(str(folder), port).items():
        _write(folder / name, text.encode())
    complete, library = folder / "hot/downloads/complete", folder / "cold/movies"
    (folder / "hot/downloads/incomplete").mkdir(parents=True)
    for name, size in FILMS.items():
        _write(complete / name, os.urandom(size))
    os.link(complete / _LINK[0], complete / _LINK[1])
    for name in _SMALL:
        _write(complete / name, os.urandom(_SMALL_SIZE))
    for name in _OLD:
        _write(folder / "hot/scratch" / name, os.urandom(_OLD_SIZE))
    for name in ("Collision (1999)/Collision.mkv", "Twice (2012)/Twice.mkv"):
        _write(library / name, (complete / name).read_bytes())
    with (library / "Collision (1999)/Collision.mkv").open("r+b") as other:
        other.write(b"another cut of the same film")
    _write(folder / _MARK, json.dumps({"format": 1, "port": port}).encode())


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
