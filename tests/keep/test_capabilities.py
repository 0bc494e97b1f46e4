"""Which capabilities the mover takes: it is tried without each, on other people's files.

What fails without one is in docs/decisions/0022-capabilities-by-trial.md.
"""

import ctypes
import os
import pickle
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from labkeeper.host import kernel
from labkeeper.keep.deciding import Go
from labkeeper.keep.events import Cleaned, Moved
from labkeeper.keep.hands import Order, Said
from labkeeper.keep.local import Local
from labkeeper.keep.moving import Manner
from labkeeper.keep.rules import Kept
from labkeeper.keep.stopping import Stop
from labkeeper.keep.usage import Usage
from labkeeper.plan import Cleanup, Move, Place, Plan, Tier
from labkeeper.source import Span

pytestmark = [
    pytest.mark.testbed,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up"),
]

HERE: Final = Span("lab.yaml", 0, 0)
# linux/capability.h
NUMBERS: Final = {
    "CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_FOWNER": 3, "CAP_FSETID": 4, "CAP_LEASE": 28,
}  # fmt: skip
OTHER: Final = 4242
_VERSION_3: Final = 0x20080522
_capset: Final = kernel.door("capset", ctypes.c_char_p, ctypes.c_char_p)


def keep_only(names: set[str]) -> None:
    """Give up all others, for good."""
    bits = sum(1 << NUMBERS[name] for name in names)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    _capset(struct.pack("=Ii", _VERSION_3, 0), struct.pack("=6I", low, low, 0, high, high, 0))


@pytest.fixture
def tiers(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Two file systems with what somebody else put there."""
    cold = Path(tempfile.mkdtemp(prefix="labkeeper-test-", dir="/dev/shm"))
    hot = tmp_path / "hot"
    shows = hot / "films" / "shows"
    shows.mkdir(parents=True)
    (hot / "old").mkdir()
    for path in (shows / "one.mkv", shows / "group.sh", hot / "old" / "rest.bin"):
        path.write_bytes(os.urandom(200_000))
        os.chown(path, OTHER, OTHER)
        path.chmod(0o600)
        os.utime(path, ns=(10**18, 10**18))
    (shows / "group.sh").chmod(0o2750)
    for folder in (shows, hot / "films", hot / "old", cold):
        os.chown(folder, OTHER, OTHER)
        folder.chmod(0o700)
    shows.chmod(0o2770)
    yield hot, cold
    shutil.rmtree(cold)


def acted(hot: Path, cold: Path, state: Path, names: set[str]) -> list[str]:
    """Move and clean in a child with these capabilities; what is wrong then."""
    inside, outside = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            state.mkdir()
            keep_only(names)
            os.write(outside, pickle.dumps(_act(hot, cold, state)))
        finally:
            os._exit(0)
    os.close(outside)
    with os.fdopen(inside, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    wrong: list[str] = pickle.loads(said) if said else ["it died"]
    if not wrong:
        wrong = list(_differences(hot, cold))
    return sorted(set(wrong))


def _act(hot: Path, cold: Path, state: Path) -> list[str]:
    tiers = tuple(
        Tier("box", path.name, str(path), None, None, None, HERE, HERE) for path in (hot, cold)
    )
    films, there, old = (
        Place(path.name, str(path), HERE) for path in (hot / "films", cold / "films", hot / "old")
    )
    move = Move("films", "box", films, there, None, None, "yearly", None, HERE)
    clean = Cleanup("old", "box", old, "files", 0.0, None, None, None, 86400.0, "yearly", HERE)
    kept = Kept("box", tiers, (move,), (clean,), 1e6)
    hands = Local(Plan(), kept, Manner(state), Stop())
    room = Usage(0, 1 << 40)
    said: list[Said] = []
    hands.begin(Order(move, Go("all"), room), said.append)
    hands.begin(Order(clean, Go("all", 0.0), room), said.append)
    wrong = []
    for each in said:
        if isinstance(each, (Moved, Cleaned)):
            wrong += [each.refused.code] if each.refused else []
            wrong += [left.code for left in each.left]
    return wrong


def _differences(hot: Path, cold: Path) -> Iterator[str]:
    """From how it was to be."""
    wanted = {"one.mkv": 0o100600, "group.sh": 0o102750}
    for name, mode in wanted.items():
        path = cold / "films" / "shows" / name
        if not path.exists() or (hot / "films/shows" / name).exists():
            yield f"{name} was not moved"
            continue
        look = path.stat()
        if (look.st_uid, look.st_gid) != (OTHER, OTHER):
            yield "another owner"
        if look.st_mode != mode:
            yield "another mode"
        if look.st_mtime_ns != 10**18:
            yield "another time"
    if (hot / "old" / "rest.bin").exists():
        yield "nothing was put aside"


def test_all_of_them_are_enough(tiers: tuple[Path, Path], tmp_path: Path) -> None:
    """With these and no other, everything goes as it does for root."""
    assert acted(*tiers, tmp_path / "state", set(NUMBERS)) == []


@pytest.mark.parametrize("name", NUMBERS)
def test_each_is_needed(tiers: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    """Without it something is left, or comes out otherwise, and nothing is lost."""
    before = _bodies(tiers)
    wrong = acted(*tiers, tmp_path / "state", set(NUMBERS) - {name})
    print(f"without {name}: {', '.join(wrong)}")  # noqa: T201 - it is what the page says

    assert wrong != []
    assert before <= _bodies(tiers)


def _bodies(tiers: tuple[Path, Path]) -> set[bytes]:
    return {path.read_bytes() for root in tiers for path in root.rglob("*") if path.is_file()}
