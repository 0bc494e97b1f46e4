"""What Nix's operators, and the functions that are known here, make of values."""

from dataclasses import replace
from typing import Final

from labkeeper.audit.nix.values import Attrs, Call, Entry, Listing, Text, Unknown, Value, merged
from labkeeper.source import Slice, Span

# More than anybody writes by hand; beyond it nothing is known.
LONGEST: Final = 200_000
MOST_ITEMS: Final = 10_000

OPERATORS: Final = frozenset({"++", "//", "+"})
# The option system's own functions say how a value is merged, not what it is.
_ADDING: Final = frozenset({"mkBefore", "mkAfter", "mkOrder"})
_PASSING: Final = frozenset(
    {"mkIf", "mkForce", "mkDefault", "mkOverride", "mkBefore", "mkAfter", "mkOrder"}
)


def combined(operator: str, first: Value, second: Value, at: Span) -> Value:
    """Two values with an operator between them: lists put together, sets updated, texts joined."""
    match operator, first, second:
        case "//", _, _:
            return _updated(first, second, at)
        case "+", Text(), Text() if first.quoted and second.quoted:
            return _concatenated(first, second, at)
        case "++", _, _:
            return _together(first, second, at)
    return Unknown(at)


def applied(name: str, arguments: tuple[Value, ...], at: Span) -> Value:
    """A function, known or not, with its arguments."""
    if name in _PASSING and len(arguments) > (name in {"mkIf", "mkOverride", "mkOrder"}):
        last = arguments[-1]
        if isinstance(last, Text) and name in _ADDING:
            return replace(last, added=True)
        return last
    if name == "mkMerge" and isinstance(arguments[0], Listing) and arguments[0].items:
        return _all_merged(arguments[0])
    if name in {"optionals", "optional", "optionalAttrs"} and len(arguments) == 2:
        return _perhaps(name, arguments[1], at)
    if name == "toString" and isinstance(arguments[0], Text):
        return Text(arguments[0].slice, arguments[0].holes)
    return Call(name, arguments, at)


def _perhaps(name: str, given: Value, at: Span) -> Value:
    """What is there on a condition is looked at; that it may be missing leaves the whole open."""
    match name, given:
        case "optional", _:
            return Listing((given,), at, complete=False)
        case "optionals", Listing():
            return Listing(given.items, at, complete=False)
        case "optionalAttrs", Attrs():
            return Attrs(given.entries, at, complete=False)
    return Unknown(at)


def _updated(first: Value, second: Value, at: Span) -> Value:
    """`first // second`: names of the second win, and only the outermost level is merged."""
    if not isinstance(first, Attrs) and not isinstance(second, Attrs):
        return Unknown(at)
    entries: dict[str, Entry] = {}
    for part in (first, second):
        entries |= part.entries if isinstance(part, Attrs) else {}
    whole = all(isinstance(part, Attrs) and part.complete for part in (first, second))
    return Attrs(entries, at, whole)


def _concatenated(first: Text, second: Text, at: Span) -> Value:
    shift = len(first.slice.text)
    if shift + len(second.slice.text) > LONGEST:
        return Unknown(at)
    moved = tuple((start + shift, end + shift) for start, end in second.holes)
    follows = second.slice
    if follows.span.start < first.slice.end or follows.span.end > at.end:
        # It was bound to a name elsewhere.
        follows = Slice.placed(follows.text, Span(at.file, first.slice.end, first.slice.end))
    return Text(Slice.joined([first.slice, follows]), (*first.holes, *moved))


def _together(first: Value, second: Value, at: Span) -> Value:
    if not isinstance(first, Listing) and not isinstance(second, Listing):
        return Unknown(at)
    parts = [part for part in (first, second) if isinstance(part, Listing)]
    items = tuple(item for part in parts for item in part.items)
    whole = len(parts) == 2 and all(part.complete for part in parts) and len(items) <= MOST_ITEMS
    return Listing(items[:MOST_ITEMS], at, whole)


def _all_merged(parts: Listing) -> Value:
    together = parts.items[0]
    for part in parts.items[1:]:
        together = merged(together, part)
    return together
