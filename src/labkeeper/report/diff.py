"""What would change in texts, as `diff -u` and `git diff` say it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from labkeeper.values import dataclass

_CONTEXT: Final = 3
# How many equal lines show that both texts go on alike, and how far that is looked for.
_ALIKE: Final = 3
_FAR: Final = 400


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines `start` to `end` of the old text become lines `low` to `high` of the new one."""

    start: int
    end: int
    low: int
    high: int


def render_diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """The differences of all files, to be read, or to be given to `patch -p1` in their folder."""
    return "".join(
        line
        for file in sorted(after)
        if before[file] != after[file]
        for line in _file(file, _lines(before[file]), _lines(after[file]))
    )


def _file(file: str, old: list[str], new: list[str]) -> Iterator[str]:
    yield f"--- a/{file}\n"
    yield f"+++ b/{file}\n"
    for hunk in _hunks(list(_changes(old, new))):
        start, end = max(hunk[0].start - _CONTEXT, 0), min(hunk[-1].end + _CONTEXT, len(old))
        low = hunk[0].low - (hunk[0].start - start)
        high = hunk[-1].high + (end - hunk[-1].end)
        yield f"@@ -{_range(start, end)} +{_range(low, high)} @@\n"
        for change in hunk:
            yield from _marked(" ", old[start : change.start])
            yield from _marked("-", old[change.start : change.end])
            yield from _marked("+", new[change.low : change.high])
            start = change.end
        yield from _marked(" ", old[start:end])


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    """Where the texts part, and where they meet again.

    Fixes are short and far apart, so the nearest place at which both go on alike is the right one;
    difflib takes texts of many equal lines, as dashboards are, for wholly different ones.
    """
    start = low = 0
    while start < len(old) or low < len(new):
        if start < len(old) and low < len(new) and old[start] == new[low]:
            start, low = start + 1, low + 1
            continue
        end, high = _meeting(old, new, start, low)
        yield _Change(start, end, low, high)
        start, low = end, high


def _meeting(old: Sequence[str], new: Sequence[str], start: int, low: int) -> tuple[int, int]:
    for distance in range(1, _FAR):
        for skipped in range(distance + 1):
            end, high = start + skipped, low + distance - skipped
            if end > len(old) or high > len(new):
                continue
            # Most fixes change words of a line and leave their number as it is.
            alike = 1 if end - start == high - low else _ALIKE
            ahead = old[end : end + alike]
            if ahead == new[high : high + alike] and (ahead or _at_end(old, new, end, high)):
                return end, high
    return len(old), len(new)


def _at_end(old: Sequence[str], new: Sequence[str], end: int, high: int) -> bool:
    return end == len(old) and high == len(new)


def _hunks(changes: Sequence[_Change]) -> list[list[_Change]]:
    """Changes whose surroundings touch are shown together."""
    hunks: list[list[_Change]] = []
    for change in changes:
        if hunks and change.start - hunks[-1][-1].end <= 2 * _CONTEXT:
            hunks[-1].append(change)
        else:
            hunks.append([change])
    return hunks


def _range(start: int, end: int) -> str:
    # An empty range names the line before it.
    return f"{start + 1}" if end - start == 1 else f"{start + (end > start)},{end - start}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line}"
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    # `splitlines` also parts at characters that no other program takes for a line's end.
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
