"""What is broken off in the middle: a move, a cleaning, an undo, a purge; and what must hold then.

`lost` looks right after the fault, `unsettled` after one more run; each says what went wrong.
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from labkeeper.storage.candidates import Rule, Take
from labkeeper.storage.pipeline import COPY, Step
from labkeeper.storage.scan import QUARANTINE
from labkeeper.store.quarantine import Held, Quarantine
from tests.storage.cleaner import clean_here, undo_here
from tests.storage.solo import move_here
from tests.storage.world import FOLDER, OLD, World, content

Before = dict[str, bytes]
ALL: Final = Rule(timedelta(0), takes=frozenset({Take.FILES, Take.EMPTY_FOLDERS}))


class Scene(Protocol):
    """One command in one world."""

    @property
    def name(self) -> str:
        """Name the command."""

    def make(self, world: World) -> Before:
        """Make the world; return what every name in it holds."""

    def words(self, world: World) -> tuple[str, ...]:
        """Return the command line."""

    def act(self, world: World) -> None:
        """Do the same within this process."""

    def lost(self, world: World, before: Before) -> list[str]:
        """Look at what the fault left."""

    def unsettled(self, world: World, before: Before) -> list[str]:
        """Look again when the same was done once more."""


@dataclass(frozen=True)
class Moving:
    """A move of everything, with two collisions."""

    steps: tuple[Step, ...] = COPY
    name: str = "move"

    def make(self, world: World) -> Before:
        world.make()
        for name, mine, theirs in (("same", b"same", b"same"), ("different", b"mine!!", b"theirs")):
            (world.hot / name).write_bytes(mine)
            (world.cold / name).write_bytes(theirs)
        world.grow_old()
        return content(world.hot)

    def words(self, world: World) -> tuple[str, ...]:
        state = ("--workers", "1", "--state", str(world.state))
        return ("move", *state, f"{world.hot}/", str(world.cold))

    def act(self, world: World) -> None:
        move_here(world.state, f"{world.hot}/", world.cold, steps=self.steps, is_patient=False)

    def lost(self, world: World, before: Before) -> list[str]:
        """Name what is nowhere whole, or wrong under its final name."""
        hot, cold = content(world.hot), content(world.cold)
        aside = [body for name, body in hot.items() if ".labkeeper-" in name]
        faults = []
        for name, body in before.items():
            if name == "different":
                whole = hot.get(name) == body and cold.get(name) == b"theirs"
            else:
                whole = body in (hot.get(name), cold.get(name)) or body in aside
                if name in cold and cold[name] != body:
                    faults.append(f"torn: {name}")
            if not whole:
                faults.append(f"lost: {name}")
        return faults

    def unsettled(self, world: World, before: Before) -> list[str]:
        """Name what differs from a move that went through at once."""
        cold = content(world.cold)
        faults = [
            f"not there: {name}"
            for name, body in before.items()
            if name != "different" and cold.get(name) != body
        ]
        faults += [f"debris: {p}" for p in world.root.rglob(".labkeeper-*")]
        left = {p.name for p in world.hot.rglob("*")}
        if left != {"different"}:
            faults.append(f"left at the source: {left}")
        if (world.cold / "different").read_bytes() != b"theirs":
            faults.append("replaced: different")
        if not faults and (world.cold / "linked").stat().st_nlink != 2:
            faults.append("hard link broken")
        if not faults and (world.cold / "sub").stat().st_mtime_ns != OLD:
            faults.append("folder's time not kept")
        return faults


@dataclass(frozen=True)
class Cleaning:
    """A cleaning of everything."""

    name: str = "clean"

    def make(self, world: World) -> Before:
        world.make()
        return content(world.hot)

    def words(self, world: World) -> tuple[str, ...]:
        state = ("--state", str(world.state))
        what = ("--what", "files", "--what", "empty-folders")
        return ("clean", str(world.hot), "--older-than", "0s", "--yes", *what, *state)

    def act(self, world: World) -> None:
        clean_here(world.state, world.hot, rule=ALL)

    def lost(self, world: World, before: Before) -> list[str]:
        return misplaced(world, before)

    def unsettled(self, world: World, before: Before) -> list[str]:
        """All went aside, and all comes back."""
        faults = misplaced(world, before, is_end=True)
        if (world.hot / "sub" / "large").exists():
            faults.append("not put aside: sub/large")
        undo_here(world.state)
        return faults + not_back(world, before)


@dataclass(frozen=True)
class Undoing:
    """Bringing back what a cleaning put aside."""

    name: str = "undo"

    def make(self, world: World) -> Before:
        world.make()
        before = content(world.hot)
        clean_here(world.state, world.hot, rule=ALL)
        return before

    def words(self, world: World) -> tuple[str, ...]:
        return ("undo", "--since", "1h", "--state", str(world.state))

    def act(self, world: World) -> None:
        undo_here(world.state)

    def lost(self, world: World, before: Before) -> list[str]:
        return misplaced(world, before)

    def unsettled(self, world: World, before: Before) -> list[str]:
        return not_back(world, before)


@dataclass(frozen=True)
class Purging:
    """Removing what was held long enough; what is held still, and what is new, stays."""

    name: str = "purge"

    def make(self, world: World) -> Before:
        world.make()
        clean_here(world.state, world.hot, rule=ALL, hold=timedelta(0))
        (world.hot / "held").write_bytes(b"held" * 3000)
        clean_here(world.state, world.hot)
        (world.hot / "new").write_bytes(b"new" * 3000)
        return visible(world) | {"held": b"held" * 3000}

    def words(self, world: World) -> tuple[str, ...]:
        state = ("--state", str(world.state))
        return ("clean", str(world.hot), "--older-than", "1000d", "--purge", *state)

    def act(self, world: World) -> None:
        rule = Rule(timedelta(days=1000))
        clean_here(world.state, world.hot, rule=rule, purges_all=True)

    def lost(self, world: World, before: Before) -> list[str]:
        return misplaced(world, before)

    def unsettled(self, world: World, before: Before) -> list[str]:
        faults = misplaced(world, before, is_end=True)
        if len(aside(world)) != 1:
            faults.append(f"not purged: {sorted(aside(world))}")
        undo_here(world.state)
        return faults + not_back(world, before)


SCENES: Final[tuple[Scene, ...]] = (Moving(), Cleaning(), Undoing(), Purging())


def visible(world: World) -> Before:
    """Return what is under the names that people know."""
    inside = QUARANTINE.decode() + "/"
    everything = content(world.hot).items()
    return {name: body for name, body in everything if not f"{name}/".startswith(inside)}


def aside(world: World) -> dict[str, Path]:
    """Return the files in quarantine by the names that the record has for them."""
    return held(world.state, world.hot)


def held(state: Path, root: Path) -> dict[str, Path]:
    """Return what a record says to be in the quarantine of a folder, and is there."""
    record = Quarantine.open(state)
    try:
        items, tag = record.items(Held.INTENT, Held.HELD, Held.PURGING), record.tag
    finally:
        record.close()
    folder = root / QUARANTINE.decode()
    named = {
        os.fsdecode(name): folder / f"{tag}-{item.id}.{number}"
        for item in items
        for number, name in enumerate(item.names)
    }
    return {name: file for name, file in named.items() if os.path.lexists(file)}


def misplaced(world: World, before: Before, *, is_end: bool = False) -> list[str]:
    """Every file is whole under its name or, known to the record, in quarantine; and not twice.

    Where a rename is a link and an unlink, a crash between leaves both names until the next run.
    """
    here, there = visible(world), aside(world)
    faults = []
    for name, body in before.items():
        held = _held(there, name)
        is_held = held is not None and _body(held) == body
        places = (here.get(name) == body) + is_held
        if places == 2 and held and not is_end and os.path.samefile(held, world.hot / name):
            continue
        if places != 1:
            faults.append(f"{'lost' if not places else 'twice'}: {name}")
    return faults


def _held(there: dict[str, Path], name: str) -> Path | None:
    """Find a name in quarantine: its own, or in a folder that went as a whole."""
    above = name
    while above and above not in there:
        above = above.rpartition("/")[0]
    place = Path(f"{there[above]}{name[len(above) :]}") if above else None
    return place if place and os.path.lexists(place) else None


def not_back(world: World, before: Before) -> list[str]:
    """Name what differs from before the cleaning."""
    here = visible(world)
    faults = [f"not back: {name}" for name, body in before.items() if here.get(name) != body]
    faults += [f"too much: {name}" for name in here if name not in before]
    faults += [f"debris: {file}" for file in world.hot.rglob(".labkeeper-*/*")]
    if "linked" in before and not faults and (world.hot / "linked").stat().st_nlink != 2:
        faults.append("hard link broken")
    return faults


def _body(file: Path) -> bytes:
    if file.is_symlink():
        return b"-> " + os.fsencode(os.readlink(file))
    return FOLDER if file.is_dir() else file.read_bytes()
