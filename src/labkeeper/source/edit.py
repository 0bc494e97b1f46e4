"""Changes to texts, as values: what stands where, and what is to stand there instead."""

from collections.abc import Iterable, Mapping
from typing import Final

from labkeeper.source.text import Slice, Span
from labkeeper.values import dataclass, regex

# What means itself in YAML, JSON, units, shell words and every kind of Nix string.
_PLAIN: Final = regex(r"[A-Za-z0-9_.:/@-]*")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """`new` instead of what stands at `at`.

    `old` is what has to stand there, for a value can be put together from escapes and variables,
    and then its words stand nowhere; without it, anything may.
    """

    at: Span
    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """The one way to put a fault right that changes nothing else: in words, and as edits."""

    title: str
    edits: tuple[Edit, ...]


def rewrite(title: str, at: Iterable[Span], old: str, new: str) -> Fix | None:
    """A fix that writes one plain word for another; none where it would need quotes."""
    if old == new or not _PLAIN.fullmatch(new):
        return None
    return Fix(title, tuple(Edit(span, new, old) for span in dict.fromkeys(at)))


def refusal(edit: Edit, texts: Mapping[str, str]) -> str | None:
    """Why an edit cannot be made in these texts."""
    text = texts.get(edit.at.file)
    if text is None or edit.at.end > len(text):
        return "it stands in a file that was not read"
    if edit.old is not None and text[edit.at.start : edit.at.end] != edit.old:
        return f"`{edit.old}` is not written out there, but put together from other values"
    return None


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits cannot both be made; two at one place have no order."""
    if one.at.file != other.at.file or one == other:
        return False
    if one.at.start == other.at.start:
        return True
    return one.at.start < other.at.end and other.at.start < one.at.end


def edited(texts: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """The texts that edits change, changed; the edits fit and do not overlap."""
    by_file: dict[str, list[Edit]] = {}
    for edit in sorted(set(edits)):
        by_file.setdefault(edit.at.file, []).append(edit)
    return {file: _edited(texts[file], found) for file, found in by_file.items()}


def _edited(text: str, edits: list[Edit]) -> str:
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.at.start], edit.new)
        done = edit.at.end
    return "".join([*parts, text[done:]])


def without_lines(source: Slice, start: int, end: int) -> Edit | None:
    """Takes out the lines from the one with `start` to the one with `end`.

    From line end to line end, so that in a text inside another one the other's indentation goes,
    too. None where the text would be empty without them.
    """
    text = source.text
    first = text.rfind("\n", 0, start)
    last = text.find("\n", max(end, start))
    if first >= 0:
        stop = len(text) if last < 0 else last
        return Edit(_between(source, first, stop), "")
    return None if last < 0 else Edit(_between(source, 0, last + 1), "")


def _between(source: Slice, start: int, end: int) -> Span:
    """From where one character stands to where another does."""
    stop = source.end if end >= len(source.text) else source.within(end, end).start
    return Span(source.file, source.within(start, start).start, stop)
