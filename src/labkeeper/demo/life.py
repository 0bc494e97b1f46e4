"""`python -m labkeeper.demo.life DIR PORT`: what goes on in the demo's folder besides labkeeper.

A process of its own, as in a real lab: a client that downloads one file after the other and shares
one, a program that rewrites small files, and somebody who wants a file back. It ends when whoever
started it closes its input, or is gone.
"""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from labkeeper.demo.client import Row, Shares, serve
from labkeeper.keep.measuring import bytes_below

_MIB: Final = 1 << 20
_TICK: Final = 0.1
_RATE: Final = 2 * _MIB  # bytes a second
_SIZE: Final = 16 * _MIB
_FULLEST: Final = 110 * _MIB  # the client stops here, as it does on a disk that is nearly full
_CONTAINER: Final = "/downloads"
_REWRITTEN: Final = tuple(f"thumbnail-{n:02}.jpg" for n in range(12))
_REWRITE_EVERY: Final = 3.0
_REGRETS_AFTER: Final = 4.0


class Life:
    """One demo's."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._downloads = folder / "hot/downloads"
        self._shares = Shares()
        self._number = 1 + max(
            (int(path.stem.rpartition(" ")[2]) for path in folder.glob("*/**/Episode *.mkv")),
            default=0,
        )
        self._rewritten_at = 0.0
        self._aside_since: float | None = None
        self._has_regretted = (folder / "state/regretted").exists()
        self._share_one()
        self._report(0)
        self._end = serve(port, self._shares)

    def run(self) -> None:
        """Live until the input ends."""
        before = time.monotonic()
        # So many bytes are owed since the last tick.
        owed = 0.0
        while not _has_ended(_TICK):
            now = time.monotonic()
            owed += (now - before) * _RATE
            before = now
            owed -= self._download(int(owed))
            self._rewrite(now)
            self._regret(now)
        self._end()

    def _share_one(self) -> None:
        size = (self._downloads / "complete/Seeded (2020)/Seeded.mkv").stat().st_size
        row: Row = {
            "hash": "seeded", "name": "Seeded", "state": "stalledUP", "progress": 1.0,
            "save_path": f"{_CONTAINER}/complete",
        }  # fmt: skip
        file: Row = {
            "name": "Seeded (2020)/Seeded.mkv", "size": size, "progress": 1.0, "priority": 1
        }  # fmt: skip
        self._shares.put(row, [file])

    def _name(self) -> str:
        return f"Episode {self._number}.mkv"

    def _download(self, count: int) -> int:
        """Write a piece; a file that is whole gets its name and its place."""
        part = self._downloads / "incomplete" / f"{self._name()}.!qB"
        if bytes_below(str(self._folder / "hot")) + count > _FULLEST:
            self._report(part.stat().st_size if part.exists() else 0, "stalledDL")
            return count
        with part.open("ab") as file:
            file.write(os.urandom(min(count, _SIZE - min(file.tell(), _SIZE))))
            size = file.tell()
        if size < _SIZE:
            self._report(size)
            return count
        home = self._downloads / f"complete/Series/{self._name()}"
        home.parent.mkdir(parents=True, exist_ok=True)
        part.rename(home)
        self._report(size, "stoppedUP")
        self._number += 1
        self._report(0)
        return count

    def _report(self, size: int, state: str = "downloading") -> None:
        progress = size / _SIZE
        row: Row = {
            "hash": f"episode-{self._number}", "name": f"Episode {self._number}", "state": state,
            "progress": progress, "save_path": f"{_CONTAINER}/complete/Series",
            "download_path": f"{_CONTAINER}/incomplete",
        }  # fmt: skip
        file: Row = {"name": self._name(), "size": _SIZE, "progress": progress, "priority": 1}
        self._shares.put(row, [file])

    def _rewrite(self, now: float) -> None:
        if now - self._rewritten_at < _REWRITE_EVERY:
            return
        self._rewritten_at = now
        for name in _REWRITTEN:
            (self._folder / "hot/scratch" / name).write_bytes(os.urandom(4096))

    def _regret(self, now: float) -> None:
        """Some seconds after a cleaning, bring one of the files back, as anybody would."""
        aside = self._folder / "hot/scratch/.labkeeper-quarantine"
        if self._has_regretted or not aside.is_dir() or not any(aside.iterdir()):
            return
        self._aside_since = self._aside_since or now
        if now - self._aside_since < _REGRETS_AFTER:
            return
        held = json.loads(self._labkeeper("undo", "--list", "--json") or "{}").get("held", [])
        if held and self._labkeeper("undo", str(held[0]["item"])) is not None:
            self._has_regretted = True
            (self._folder / "state/regretted").touch()

    def _labkeeper(self, *words: str) -> str | None:
        state = str(self._folder / "state")
        done = subprocess.run(
            [sys.executable, "-m", "labkeeper", *words, "--state", state],
            check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout if done.returncode == 0 else None


def _has_ended(seconds: float) -> bool:
    return bool(select.select([0], [], [], seconds)[0]) and not os.read(0, 1)


def main() -> None:
    """Live."""
    life = Life(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    life.run()


if __name__ == "__main__":
    main()
