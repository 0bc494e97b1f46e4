"""`up --demo`: the folder, the process that lives in it, and what is said of both."""

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labkeeper.cli.terminal import refuse
from labkeeper.demo.making import MIB, NoDemo, demo_in

# Slow enough to be seen.
_LIMIT: Final = 24 * MIB
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A demo that is under way."""

    folder: Path
    words: str
    limit: int = _LIMIT
    seconds: float = _SECONDS


def demonstration(folder: Path | None, ending: ExitStack) -> Demonstration:
    """Make or find the demo's folder, and have something go on in it until `ending`."""
    try:
        demo = demo_in(None if folder is None else str(folder))
    except NoDemo as error:
        refuse(str(error), error.help)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        refuse(f"the demo cannot be made: {reason}", "name another folder: labkeeper up --demo DIR")
    life = subprocess.Popen(
        [sys.executable, "-m", "labkeeper.demo.life", str(demo.folder), str(demo.port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        # Ctrl-C is meant for labkeeper; the rest of the demo ends when its input does.
        start_new_session=True,
    )  # fmt: skip
    assert life.stdin is not None  # noqa: S101  asked for above
    assert life.stdout is not None  # noqa: S101  likewise
    ending.callback(life.wait)
    ending.callback(life.stdin.close)
    if life.stdout.readline() != b"ready\n":
        refuse(
            f"port {demo.port}, on which the demo's client answers, is taken",
            "end what uses it (another demo in this folder?), or begin a new demo",
        )
    return Demonstration(demo.folder, _words(demo.folder, is_old=demo.is_old))


def _words(folder: Path, *, is_old: bool) -> str:
    what = "going on in" if is_old else "a small lab in"
    return (
        f"{what} {folder}:\n"
        "two folders as tiers, a client that downloads, old files, a rule that is wrong. Only the"
        " surroundings are made up; what labkeeper says and does is what it does with your disks,"
        f" slowed down to {_LIMIT // MIB} MiB/s.\n"
        f"When you have seen enough: rm -r {folder}\n"
    )
