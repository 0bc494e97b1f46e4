"""The command that undoes an act, in words that can be typed; or why there is none."""

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from labkeeper.store.journal import Journal
from labkeeper.store.log import Back
from labkeeper.store.quarantine import Item
from labkeeper.store.units import Pair, State, Unit

_MOST: Final = 5  # files that a command names

GONE: Final = Back(
    why_not="it was held until its time was over, and is removed; a backup may have it"
)
BACK: Final = Back(why_not="nothing was removed: the files have their names again")


def of_aside(items: Sequence[Item], state: Path) -> Back:
    """What was put aside comes back while it is held."""
    if not items:
        return Back(why_not="nothing was put aside")
    until = min(item.held_until for item in items)
    return Back(f"labkeeper undo --run {items[0].run}{_state(state)}", until)


def of_repair(root: bytes, items: Sequence[Item], state: Path) -> Back:
    """The bad file comes back when the good one has another name."""
    moves = [
        f"mv -n {name} {shlex.quote(text + '.mended')}"
        for item in items
        for path in item.names
        if (text := _typed(os.path.join(root, path))) and (name := shlex.quote(text))
    ]
    back = of_aside(items, state)
    if not moves or not back.command:
        return back
    return Back(" && ".join([*moves, back.command]), back.until)


def of_move(journal: Journal, batches: Iterable[tuple[int, int]], state: Path) -> Back:
    """Files of one folder go back to it in one command, as long as one can name them."""
    pairs = {pair.id: pair for pair in journal.pairs()}
    found: list[tuple[str, str]] = []
    for first, last in batches:
        for unit in journal.units(first, last):
            if unit.state is State.DONE:
                way = _way(unit, pairs)
                if way is None or len(found) == _MOST or way[1] != (found or [way])[0][1]:
                    return Back(
                        why_not="nothing was lost: each file is where it went, and goes back"
                        " with `labkeeper move FILE FOLDER`"
                    )
                found.append(way)
    if not found:
        return Back(why_not="nothing was moved")
    words = [*(path for path, _ in found), found[0][1] + "/"]
    return Back(f"labkeeper move {shlex.join(words)}{_state(state)}")


def _way(unit: Unit, pairs: dict[int, Pair]) -> tuple[str, str] | None:
    """Where a file is now, and the folder that it came from; none for what has other names too."""
    if len(unit.names) != 1:
        return None
    name = unit.names[0]
    now = _typed(os.path.join(pairs[name.pair].target, name.target))
    before = _typed(os.path.join(pairs[name.pair].source, name.source))
    if now is None or before is None or os.path.basename(now) != os.path.basename(before):
        return None
    return now, os.path.dirname(before)


def _typed(path: bytes) -> str | None:
    """A path as it can be typed; none where it holds what no terminal shows."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _state(state: Path) -> str:
    """Whoever types it may have another folder by their environment, as a service has its own."""
    usual = os.path.expanduser("~/.local/state/labkeeper")
    is_usual = os.path.realpath(state) == os.path.realpath(usual)
    return "" if is_usual else f" --state {shlex.quote(os.path.realpath(state))}"
