"""Whether what was restored is a database that a server takes in: bytes alone do not say that."""

import os
import pwd
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from labkeeper.backup.servers import KINDS, Kind
from labkeeper.host.long_run import Manner, run
from labkeeper.host.machine import available_memory
from labkeeper.host.run import Answer, ask
from labkeeper.store import databases
from labkeeper.values import dataclass

_HEAD: Final = 1 << 20
_TAIL: Final = 4096
_PATIENCE: Final = 6 * 3600.0
# What a dump takes as a database, with its indices and what its server writes before.
_GROWS: Final = 3
_SPARE: Final = 1 << 30
_MEMORY: Final = 4  # of what is free, a quarter at most
_OPEN: Final = Path("/var/tmp")  # noqa: S108  a folder of its own is made there
_FIRST: Final = (b"SQLite format 3\0",)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came out of it. `undone` says why it was not tried, `wrong` what is no good."""

    tables: int = 0
    rows: int = 0
    undone: str = ""
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """Where the service's own programs are, if they are on this host."""

    engine: str
    name: str


def load_dump(file: Path, image: Image | None) -> Loaded:
    """Load a dump into a server of its kind that nobody else can reach, and count what came."""
    kind = kind_of(file)
    if kind is None:
        return Loaded(undone="it is no dump of a kind that labkeeper knows")
    if not is_whole(file, kind):
        return Loaded(wrong=(f"the dump of {kind.name} ends in the middle",))
    if not kind.script:
        return Loaded(undone=f"nothing here loads a dump of {kind.name}")
    here = _loaded_here(file, kind)
    if not here.undone or image is None:
        return here
    there = _loaded_in(file, kind, image)
    if not there.undone:
        return there
    return Loaded(undone=f"{here.undone}; in {image.name}: {there.undone}")


def check_end(file: Path) -> Loaded:
    """Only whether it was written to its end."""
    kind = kind_of(file)
    if kind is None or is_whole(file, kind):
        return Loaded()
    return Loaded(wrong=(f"the dump of {kind.name} ends in the middle",))


def kind_of(file: Path) -> Kind | None:
    """What a dump's first lines say that it is."""
    with file.open("rb") as dump:
        head = dump.read(_TAIL).decode("latin-1")
    return next((kind for kind in KINDS if kind.start.search(head)), None)


def is_whole(file: Path, kind: Kind) -> bool:
    """Its last lines say that it was written to its end."""
    with file.open("rb") as dump:
        dump.seek(max(0, file.stat().st_size - _TAIL))
        return kind.end.search(dump.read().decode("latin-1")) is not None


def look_at_files(folder: Path) -> Loaded:
    """Check each database of SQLite below a folder; they are copies, which may be written to."""
    tables = rows = 0
    wrong: list[str] = []
    undone: list[str] = []
    for path in _databases(folder):
        found = databases.inspect(path)
        tables, rows = tables + found.tables, rows + found.rows
        name = f"/{path.relative_to(folder)}"
        wrong += [f"{name}: {fault}" for fault in found.wrong]
        undone += [f"{name}: {found.undone}"] if found.undone else []
    return Loaded(tables, rows, "; ".join(undone[:3]), tuple(wrong))


def _databases(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size:
            with path.open("rb") as file:
                if file.read(len(_FIRST[0])) in _FIRST:
                    yield path


def _loaded_here(file: Path, kind: Kind) -> Loaded:
    size = file.stat().st_size
    if shutil.disk_usage(_OPEN).free < size * _GROWS + _SPARE:
        return Loaded(undone=f"it may need {size * _GROWS + _SPARE} bytes in {_OPEN}")
    with _folder() as scratch:
        words = [*_apart(), "sh", "-eu", "-c", kind.script, "sh", str(scratch)]
        return _run(words, file, kind, scratch)


def _loaded_in(file: Path, kind: Kind, image: Image) -> Loaded:
    answer = ask([image.engine, "image", "inspect", image.name])
    if answer is None or not answer.is_good:
        return Loaded(undone="the image is not on this host")
    size = file.stat().st_size * _GROWS
    if size * _MEMORY > available_memory():
        return Loaded(undone=f"it may need {size} bytes of memory")
    name = f"labkeeper-drill-{os.getpid()}-{time.monotonic_ns()}"
    words = [
        image.engine, "run", "--rm", "--interactive", "--name", name, "--pull=never",
        "--network=none", "--user", kind.user, "--tmpfs", "/scratch:rw,mode=1777",
        "--entrypoint", "sh", image.name, "-eu", "-c", kind.script, "sh", "/scratch",
    ]  # fmt: skip
    try:
        return _run(words, file, kind, None)
    finally:
        ask([image.engine, "rm", "--force", name], 60.0)


def _run(words: list[str], file: Path, kind: Kind, folder: Path | None) -> Loaded:
    heard: list[str] = []
    with file.open("rb") as dump:
        # Nothing of ours goes with it: neither a password nor a socket.
        manner = Manner(_surroundings(), folder=folder, patience=_PATIENCE)
        answer = run(words, manner, heard.append, out_of=dump.fileno())
    if answer is None:
        return Loaded(undone=f"there is no {words[0]}")
    if "missing" in heard:
        return Loaded(undone=f"{kind.name} is not installed")
    if "ready" not in heard:
        return Loaded(undone=f"its server did not start: {_words(answer)}")
    if (older := _older(file, kind, heard)) and not answer.is_good:
        return Loaded(undone=older)
    if not answer.is_good:
        return _failed(answer, kind, is_loaded="loaded" in heard)
    counts = [int(line.split()[1]) for line in heard if re.fullmatch(r"count \d+", line)]
    return Loaded(len(counts), sum(counts))


def _failed(answer: Answer, kind: Kind, *, is_loaded: bool) -> Loaded:
    words = _words(answer)
    if answer.status is None or (kind.lacks and kind.lacks.search(answer.error)):
        return Loaded(undone=words)
    doing = "its tables cannot be read" if is_loaded else f"{kind.name} does not take it"
    return Loaded(wrong=(f"{doing}: {words}",))


def _older(file: Path, kind: Kind, heard: list[str]) -> str:
    """Why a server need not understand it: it is older than what wrote it."""
    if kind.version is None:
        return ""
    with file.open("rb") as dump:
        wrote = kind.version.search(dump.read(_HEAD).decode("latin-1"))
    here = re.search(r"version .*?(\d+)", next((x for x in heard if x.startswith("version")), ""))
    if wrote is None or here is None or int(here[1]) >= int(wrote[1]):
        return ""
    return f"it is of {kind.name} {wrote[1]}, and here is {here[1]}"


def _words(answer: Answer) -> str:
    lines = [line.strip() for line in answer.error.splitlines() if line.strip()]
    first = next((line for line in lines if "ERROR" in line or "error:" in line), None)
    return first or (lines[-1] if lines else "it said nothing")


def _apart() -> list[str]:
    """Without rights, without a network, and gone as a whole when this process goes."""
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    without = [
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
        "--no-new-privs", "--",
    ]  # fmt: skip
    alone = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--"]
    # A unit of systemd may not make namespaces; it ends what it leaves itself.
    answer = ask([*alone, "true"])
    return [*alone, *without] if answer is not None and answer.is_good else without


def _surroundings() -> Mapping[str, str]:
    return {"HOME": "/nonexistent", "PGPASSFILE": "/nonexistent", "PGSERVICEFILE": "/nonexistent"}


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path: that of a socket has 107 letters."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-drill-", dir=_OPEN))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
