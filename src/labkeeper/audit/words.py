"""A command line that is one text, split into words as a shell would, each with its place."""

from labkeeper.source import Slice

_BLANK = frozenset(" \t\r\n")


def words(text: Slice) -> tuple[Slice, ...]:
    """The words of a command; quotes are taken off, variables and globs stay as they are."""
    found: list[Slice] = []
    parts: list[Slice] = []
    started = False
    at = 0
    while at < len(text.text):
        character = text.text[at]
        if character in _BLANK:
            _close(found, parts, started)
            started = False
            at += 1
            continue
        started = True
        end = _part_end(text.text, at)
        match character:
            case "'" | '"':
                closed = end - 1 if end - at > 1 and text.text[end - 1] == character else end
                parts.extend(_quoted(text, at + 1, closed, escapes=character == '"'))
            case "\\":
                parts.append(text.cut(min(at + 1, len(text.text)), end))
            case _:
                parts.append(text.cut(at, end))
        at = end
    _close(found, parts, started)
    return tuple(found)


def _close(found: list[Slice], parts: list[Slice], started: bool) -> None:
    if started and parts:
        found.append(Slice.joined(parts))
    parts.clear()


def _part_end(text: str, at: int) -> int:
    """The end of a quoted stretch, an escaped character, or a stretch of plain text."""
    quote = text[at]
    if quote == "\\":
        return min(at + 2, len(text))
    end = at + 1
    if quote in "'\"":
        while end < len(text) and text[end] != quote:
            end += 2 if text[end] == "\\" and quote == '"' else 1
        return min(end + 1, len(text))
    while end < len(text) and text[end] not in _BLANK and text[end] not in "'\"\\":
        end += 1
    return end


def _quoted(text: Slice, start: int, end: int, *, escapes: bool) -> list[Slice]:
    """The inside of quotes; within double quotes a backslash protects a quote or itself."""
    end = max(start, end)
    parts: list[Slice] = []
    at = start
    while escapes and (found := text.text.find("\\", at, end)) >= 0:
        follows = text.text[found + 1 : found + 2]
        kept = found + 1 if follows in {'"', "\\", "$", "`"} else found
        parts.append(text.cut(at, found))
        parts.append(text.cut(kept, min(found + 2, end)))
        at = min(found + 2, end)
    parts.append(text.cut(at, end))
    return [part for part in parts if part.text] or [text.cut(start, start)]
